package io.lockgate.api.files.locks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesProblem;
import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.locks.LockJson.CountBody;
import io.lockgate.api.files.locks.LockJson.CountsBody;
import io.lockgate.http.CallerSlots;
import io.lockgate.http.Json;
import io.lockgate.http.ProblemException;
import io.lockgate.http.RowSlices;
import io.lockgate.range.CountBy;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockTableUnavailableException;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts instead of rows. */
public final class CountAnswers {
    /** Values of a slice. */
    static final int SLICE = 1_000;

    /** Counts of more values than a slice that are being read at once; more are 503. */
    public static final int LARGE_ONES = 4;

    private static final CallerSlots PLACES = new CallerSlots(LARGE_ONES);

    private CountAnswers() {}

    static CountBy by(@Nullable String text) {
        return switch (text) {
            case "owner_address" -> CountBy.OWNER_ADDRESS;
            case "file" -> CountBy.FILE;
            case "mode" -> CountBy.MODE;
            case null -> throw ProblemException.missing("by");
            default -> throw ProblemException.field("by", "is not owner_address, file or mode");
        };
    }

    /**
     * Counts of few values are one piece; those of many are written in slices, and their rows stay in memory until the
     * client has read them: of these there are {@link #LARGE_ONES} at once, half of them for one caller.
     */
    static Response answer(RoutingContext context, LockRights rights, CountBy by, Map<String, Long> counts) {
        List<CountBody> rows = counts.entrySet().stream()
                .map(entry -> new CountBody(shown(by, entry.getKey()), entry.getValue()))
                .sorted(Comparator.comparing(CountBody::count).reversed().thenComparing(CountBody::key))
                .toList();
        if (rows.size() <= SLICE) {
            return FilesReplies.ok(new CountsBody(text(by), rows));
        }
        if (!PLACES.tryEnter(rights.principal())) {
            return FilesProblem.of(
                            FilesError.BUSY,
                            "other large counts are being read (" + LARGE_ONES
                                    + " in all, half of them by one caller); narrow the filter or ask later")
                    .withOutcome(true)
                    .retryAfter(Duration.ofSeconds(1))
                    .response();
        }
        if (context.response().closed()) {
            // Its end has been told already.
            PLACES.leave(rights.principal());
        } else {
            context.addEndHandler(ended -> PLACES.leave(rights.principal()));
        }
        Walk walk = new Walk(rows);
        return Response.ok(RowSlices.of(
                        "counts",
                        LockTableUnavailableException.class,
                        "{\"by\":\"" + text(by) + "\",\"counts\":[",
                        walk.slice(),
                        () -> Uni.createFrom().item(walk::slice)))
                .build();
    }

    private static String shown(CountBy by, String key) {
        return by == CountBy.MODE
                ? Arrays.stream(key.split(","))
                        .map(mode -> LockModeJson.text(LockMode.valueOf(mode)))
                        .collect(Collectors.joining(","))
                : key;
    }

    private static String text(CountBy by) {
        return switch (by) {
            case OWNER_ADDRESS -> "owner_address";
            case FILE -> "file";
            case MODE -> "mode";
        };
    }

    /** One answer under way. */
    private static final class Walk {
        private final List<CountBody> rows;
        private int at;

        Walk(List<CountBody> rows) {
            this.rows = rows;
        }

        RowSlices.Slice slice() {
            int end = Math.min(at + SLICE, rows.size());
            byte[] array = Json.write(rows.subList(at, end));
            at = end;
            return new RowSlices.Slice(array, end == rows.size() ? "]}".getBytes(UTF_8) : null);
        }
    }
}
