package io.lockgate.door.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockgate.door.Json;
import io.lockgate.http.SlicedBody;
import io.lockgate.route.RouteLockId;
import io.lockgate.route.RouteLockPage;
import io.lockgate.route.TableUnavailableException;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jboss.logging.Logger;

/** A long page of route locks, in slices, each read from the table when the client has taken the one before. */
final class RouteLockSlices {
    private static final Logger LOG = Logger.getLogger(RouteLockSlices.class);

    /** Rows of a slice; at most about 350 KB. */
    static final int SLICE = 250;

    private final Optional<String> route;
    private final int limit;
    private final BiFunction<Optional<RouteLockId>, Integer, Uni<RouteLockPage>> table;
    private int left;
    private Optional<RouteLockId> after = Optional.empty();
    private boolean ended;

    private RouteLockSlices(
            Optional<String> route, int limit, BiFunction<Optional<RouteLockId>, Integer, Uni<RouteLockPage>> table) {
        this.route = route;
        this.limit = limit;
        this.table = table;
        this.left = limit;
    }

    /**
     * An answer like {@link AdminAnswers#of(RouteLockPage, Optional, int)}.
     *
     * @param first slice, with others after it
     * @param table reads up to so many locks after another
     */
    static Response answer(
            RouteLockPage first,
            Optional<String> route,
            int limit,
            BiFunction<Optional<RouteLockId>, Integer, Uni<RouteLockPage>> table) {
        RouteLockSlices walk = new RouteLockSlices(route, limit, table);
        byte[] begin = walk.write("{\"data\":{\"locks\":[", first);
        return Response.ok(SlicedBody.of(begin, walk::next))
                .header("Content-Type", "application/json")
                .build();
    }

    private Uni<byte[]> next() {
        return ended
                ? SlicedBody.end()
                : table.apply(after, Math.min(left, SLICE))
                        .map(page -> write(",", page))
                        .onFailure(failure -> !(failure instanceof TableUnavailableException))
                        .invoke(failure -> LOG.error("a list of route locks ended in the middle", failure));
    }

    private byte[] write(String before, RouteLockPage page) {
        StringBuilder text = new StringBuilder(page.locks().isEmpty() ? "" : before);
        String rows = json(page.locks().stream().map(AdminAnswers::row).toList());
        // Without its brackets.
        text.append(rows, 1, rows.length() - 1);
        left -= page.locks().size();
        after = page.next();
        if (left == 0 || after.isEmpty()) {
            ended = true;
            text.append(']');
            after.ifPresent(last -> text.append(",\"next\":").append(json(AdminAnswers.next(last, route, limit))));
            text.append("},\"code\":200}");
        }
        return text.toString().getBytes(UTF_8);
    }

    private static String json(Object value) {
        return new String(Json.write(value), UTF_8);
    }
}
