package io.lockgate.api.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockgate.http.Json;
import io.lockgate.http.RowSlices;
import io.lockgate.route.RouteLockId;
import io.lockgate.route.RouteLockPage;
import io.lockgate.route.RouteTableUnavailableException;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.function.BiFunction;

/** A long page of route locks, in slices, each read from the table when the client has taken the one before. */
final class RouteLockSlices {
    /** Rows of a slice; at most about 350 KB. */
    static final int SLICE = 250;

    private final Optional<String> route;
    private final int limit;
    private final BiFunction<Optional<RouteLockId>, Integer, Uni<RouteLockPage>> table;
    private int left;
    private Optional<RouteLockId> after = Optional.empty();

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
        return Response.ok(RowSlices.of(
                        "route locks",
                        RouteTableUnavailableException.class,
                        "{\"data\":{\"locks\":[",
                        walk.slice(first),
                        walk::next))
                .header("Content-Type", "application/json")
                .build();
    }

    private Uni<RowSlices.Slice> next() {
        return table.apply(after, Math.min(left, SLICE)).map(this::slice);
    }

    private RowSlices.Slice slice(RouteLockPage page) {
        left -= page.locks().size();
        after = page.next();
        boolean last = left == 0 || after.isEmpty();
        return new RowSlices.Slice(
                Json.write(page.locks().stream().map(AdminAnswers::row).toList()), last ? end() : null);
    }

    private byte[] end() {
        String next = after.map(last -> AdminAnswers.next(last, route, limit))
                .map(text -> ",\"next\":" + new String(Json.write(text), UTF_8))
                .orElse("");
        return ("]" + next + "},\"code\":200}").getBytes(UTF_8);
    }
}
