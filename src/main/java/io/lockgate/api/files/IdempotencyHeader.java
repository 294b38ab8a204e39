package io.lockgate.api.files;

import io.lockgate.http.CurrentCaller;
import io.lockgate.range.IdempotencyKey;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The header {@code Idempotency-Key} of calls that acquire, release and break. The key belongs to one request: to the method,
 * the path and query as they were sent, and the bytes of the body where the call takes one.
 */
public final class IdempotencyHeader {
    private static final String NAME = "Idempotency-Key";
    private static final String BODY = "lockgate.files.body-digest";
    private static final int MAX_LENGTH = 255;
    private static final String NO_BODY = "";

    private IdempotencyHeader() {}

    /** Keeps what is needed of the body of a call that has a key; called before it is read as JSON. */
    static void noteBody(RoutingContext context, byte[] body) {
        if (context.request().headers().contains(NAME)) {
            context.put(BODY, digest(body));
        }
    }

    /**
     * The key of a call; empty without the header.
     *
     * @throws FilesProblemException when it is not one key of 1 to 255 visible ASCII characters
     */
    public static Optional<IdempotencyKey> of(RoutingContext context) {
        if (!context.request().headers().contains(NAME)) {
            return Optional.empty();
        }
        List<String> values = context.request().headers().getAll(NAME);
        if (values.size() > 1) {
            throw new FilesProblemException(FilesError.DECODE, "header '" + NAME + "' is given twice");
        }
        String text = values.getFirst();
        if (text.isEmpty() || text.length() > MAX_LENGTH || !text.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw new FilesProblemException(
                    FilesError.DECODE, "header '" + NAME + "' is not 1 to " + MAX_LENGTH + " visible ASCII characters");
        }
        @Nullable String body = context.get(BODY);
        String request = String.join(
                "\n",
                context.request().method().name(),
                FilesRequest.path(context),
                Objects.requireNonNullElse(context.request().query(), ""),
                Objects.requireNonNullElse(body, NO_BODY));
        return Optional.of(new IdempotencyKey(
                CurrentCaller.of(context).principal(), text, digest(request.getBytes(StandardCharsets.UTF_8))));
    }

    private static String digest(byte[] bytes) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
