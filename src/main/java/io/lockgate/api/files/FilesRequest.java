package io.lockgate.api.files;

import io.lockgate.file.BadPathException;
import io.lockgate.file.FileRef;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.Percent;
import io.lockgate.range.LockRights;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a resource must know of its request besides the parameters that the framework hands it. */
public final class FilesRequest {
    public static final String API_PREFIX = "/api";
    private static final String PREFIX_KEY = "lockgate.files.prefix";
    private static final String FILES = "/v1/files/";

    private FilesRequest() {}

    /** Notes that the request came under {@code /api/v1}; its path has lost that prefix since. */
    public static void markApi(RoutingContext context) {
        context.put(PREFIX_KEY, API_PREFIX);
    }

    /** The raw path as the client sent it, with its own prefix. */
    public static String path(RoutingContext context) {
        return prefix(context) + Objects.requireNonNullElse(context.request().path(), "");
    }

    /** What the client puts in front of the paths of this API: nothing, or {@code /api}. */
    public static String prefix(RoutingContext context) {
        @Nullable String prefix = context.get(PREFIX_KEY);
        return prefix == null ? "" : prefix;
    }

    /**
     * A parameter of the query as it was sent. Jakarta REST makes an empty one absent, by which a release would be one
     * of more than was meant.
     *
     * @param value what Jakarta REST makes of it
     */
    public static @Nullable String asSent(RoutingContext context, String name, @Nullable String value) {
        if (value != null) {
            return value;
        }
        // The map itself does not tell upper from lower case.
        return context.queryParams().entries().stream()
                .filter(parameter -> parameter.getKey().equals(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    /**
     * The file that the path names. Taken from the raw path and decoded here, exactly once and strictly: the framework
     * would resolve {@code %2e%2e}, cut matrix parameters off at a semicolon, and replace what is not UTF-8.
     */
    public static FileRef ref(RoutingContext context) {
        String path = Objects.requireNonNullElse(context.request().path(), "");
        int end = path.indexOf('/', FILES.length());
        String raw = path.substring(FILES.length(), end < 0 ? path.length() : end);
        String decoded = Percent.decode(raw)
                .orElseThrow(() -> new FilesProblemException(
                        FilesError.DECODE, "field 'ref' is not the percent-encoded UTF-8 of an id or a path"));
        try {
            return FileRef.parse(decoded);
        } catch (BadPathException e) {
            throw new FilesProblemException(FilesError.INVALID_PATH, "field 'ref' " + e.getMessage());
        }
    }

    /**
     * What the caller may do with locks of {@code file}, as the request names it.
     *
     * @throws io.lockgate.identity.IdentityUnavailableException when the caller is only remembered
     */
    public static LockRights rights(RoutingContext context, FileRef file) {
        return LockRights.onFile(CurrentCaller.of(context), file);
    }
}
