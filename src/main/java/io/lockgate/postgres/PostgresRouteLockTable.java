package io.lockgate.postgres;

import io.lockgate.route.RouteAcquisition;
import io.lockgate.route.RouteClaim;
import io.lockgate.route.RouteLock;
import io.lockgate.route.RouteLockFilter;
import io.lockgate.route.RouteLockId;
import io.lockgate.route.RouteLockTable;
import io.lockgate.route.RouteRelease;
import io.lockgate.route.RouteTableUnavailableException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Route locks in the table {@code route_locks}. Every change is one statement that commits by itself; a race is decided
 * by the primary key, never by a look beforehand.
 */
public final class PostgresRouteLockTable implements RouteLockTable {
    private static final Logger LOG = Logger.getLogger(PostgresRouteLockTable.class);

    /**
     * A row that is there and another's stops the insertion and is not returned; one's own is. The user's row is held
     * until the statement ends, so that a lock cannot appear for a user who is deleted at the same moment. xmax is 0 in
     * a row that the statement inserted, and xmin names the statement that wrote the row last: asking again writes it
     * again.
     */
    private static final String ACQUIRE = """
            WITH who AS MATERIALIZED (SELECT id FROM users WHERE id = :user FOR KEY SHARE),
                 held AS (INSERT INTO route_locks (route, id, holder) SELECT :route, :id, id FROM who
                          ON CONFLICT (route, id) DO UPDATE SET holder = excluded.holder
                          WHERE route_locks.holder = excluded.holder
                          RETURNING xmax = 0 AS made, CAST(xmin AS TEXT) AS version)
            SELECT (SELECT count(*) FROM who), (SELECT count(*) FROM held), (SELECT version FROM held WHERE made)
            """;

    private static final String ROLL_BACK = """
            DELETE FROM route_locks WHERE route = :route AND id = :id AND holder = :holder AND CAST(xmin AS TEXT) = :version
            RETURNING route, id
            """;

    /**
     * All parts see the table as it was when the statement began; what was released meanwhile is neither released
     * now nor another's.
     */
    private static final String RELEASE = """
            WITH freed AS (DELETE FROM route_locks WHERE route = :route AND id = :id AND holder = :user RETURNING holder)
            SELECT (SELECT count(*) FROM users WHERE id = :user),
                   (SELECT count(*) FROM freed),
                   (SELECT count(*) FROM route_locks WHERE route = :route AND id = :id AND holder <> :user)
            """;

    private static final String COLUMNS = """
            SELECT l.route, l.id, l.holder, COALESCE(u.username, ''), CAST(EXTRACT(EPOCH FROM l.since) * 1000000 AS BIGINT)
            FROM route_locks l LEFT JOIN users u ON u.id = l.holder
            """;

    private static final String FIND = COLUMNS + "WHERE l.route = :route AND l.id = :id";

    private static final String BREAK = """
            DELETE FROM route_locks WHERE route = :route AND id = :id AND holder = :holder
            AND CAST(EXTRACT(EPOCH FROM since) * 1000000 AS BIGINT) = :since
            RETURNING route, id
            """;

    private static final String ORDER = " ORDER BY l.route, l.id LIMIT :limit";

    private final PostgresCalls calls;

    /** Connects to nothing by itself: it uses the pool of the default datasource. */
    public PostgresRouteLockTable(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads) {
        this.calls = new PostgresCalls(
                vertx, bulkheads, PostgresUse.ROUTE_LOCKS, limits.timeout(), RouteTableUnavailableException::new);
    }

    @Override
    public Uni<RouteAcquisition> acquire(RouteLockId what, long user) {
        return calls.inSession(
                () -> Rows.all(ACQUIRE, Map.of("route", what.route(), "id", what.id(), "user", user))
                        .map(rows -> acquisition(what, user, rows.getFirst())),
                this::rollBackLate);
    }

    /** The caller has been told that nobody knows what became of it. */
    private void rollBackLate(RouteAcquisition late) {
        if (late instanceof RouteAcquisition.Held(Optional<RouteClaim> made)) {
            made.ifPresent(claim -> rollBack(claim)
                    .subscribe()
                    .with(
                            done -> LOG.debugf("route lock of a late answer rolled back: %s", done),
                            failure -> LOG.warnf("the route lock of a late answer stands (%s)", failure.getMessage())));
        }
    }

    @Override
    public Uni<Boolean> rollBack(RouteClaim claim) {
        Map<String, Object> values = Map.of(
                "route", claim.what().route(),
                "id", claim.what().id(),
                "holder", claim.holder(),
                "version", claim.version());
        return calls.inSession(() -> Rows.one(ROLL_BACK, values).map(Optional::isPresent));
    }

    @Override
    public Uni<RouteRelease> release(RouteLockId what, long user) {
        return calls.inSession(() -> Rows.all(RELEASE, Map.of("route", what.route(), "id", what.id(), "user", user))
                .map(rows -> release(rows.getFirst())));
    }

    @Override
    public Uni<Optional<RouteLock>> find(RouteLockId what) {
        return calls.inSession(() -> Rows.one(FIND, Map.of("route", what.route(), "id", what.id()))
                .map(row -> row.map(PostgresRouteLockTable::lock)));
    }

    @Override
    public Uni<RouteRelease> breakLock(RouteLock lock) {
        Map<String, Object> values = Map.of(
                "route", lock.what().route(),
                "id", lock.what().id(),
                "holder", lock.holder(),
                "since", ChronoUnit.MICROS.between(Instant.EPOCH, lock.since()));
        return calls.inSession(() -> Rows.one(BREAK, values)
                .map(gone -> gone.isPresent() ? new RouteRelease.Released() : new RouteRelease.NoSuchLock()));
    }

    @Override
    public Uni<List<RouteLock>> list(RouteLockFilter filter, Optional<RouteLockId> after, int limit) {
        if (filter.routes().filter(Set::isEmpty).isPresent()) {
            return Uni.createFrom().item(List.of());
        }
        Map<String, Object> values = new HashMap<>();
        values.put("limit", limit);
        // No text is less than the empty one, and no id is empty: so this is "from the beginning".
        values.put("route", after.map(RouteLockId::route).orElse(""));
        values.put("id", after.map(RouteLockId::id).orElse(""));
        StringBuilder sql = new StringBuilder(COLUMNS).append("WHERE (l.route, l.id) > (:route, :id)");
        filter.routes().ifPresent(routes -> {
            sql.append(" AND l.route IN (:routes)");
            values.put("routes", routes);
        });
        return calls.inSession(() -> Rows.all(sql.append(ORDER).toString(), values)
                .map(rows -> rows.stream().map(PostgresRouteLockTable::lock).toList()));
    }

    private static RouteAcquisition acquisition(RouteLockId what, long user, Object[] row) {
        if (Rows.number(row[0]) == 0) {
            return new RouteAcquisition.NoSuchUser();
        }
        if (Rows.number(row[1]) == 0) {
            return new RouteAcquisition.HeldByAnother();
        }
        return new RouteAcquisition.Held(
                Optional.<Object>ofNullable(row[2]).map(version -> new RouteClaim(what, user, Rows.text(version))));
    }

    private static RouteRelease release(Object[] row) {
        if (Rows.number(row[0]) == 0) {
            return new RouteRelease.NoSuchUser();
        }
        if (Rows.number(row[1]) > 0) {
            return new RouteRelease.Released();
        }
        return Rows.number(row[2]) > 0 ? new RouteRelease.NotYours() : new RouteRelease.NoSuchLock();
    }

    private static RouteLock lock(Object[] row) {
        return new RouteLock(
                new RouteLockId(Rows.text(row[0]), Rows.text(row[1])),
                Rows.number(row[2]),
                Rows.text(row[3]),
                Instant.EPOCH.plus(Rows.number(row[4]), ChronoUnit.MICROS));
    }
}
