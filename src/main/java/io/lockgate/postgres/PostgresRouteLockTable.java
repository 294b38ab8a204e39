package io.lockgate.postgres;

import io.lockgate.identity.Waiting;
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
import java.util.function.Consumer;
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
     * again. A live waiter of another user with a lower place goes first, unless the lock is the caller's already. What is
     * another's is waited for until the statement that is changing it ends: a release that is under way is seen, or sees
     * the waiter.
     */
    private static final String ACQUIRE = """
            WITH who AS MATERIALIZED (SELECT id FROM users WHERE id = :user FOR KEY SHARE),
                 ahead AS MATERIALIZED (SELECT w.id FROM\s""" + PostgresLockQueue.LIVE + """
                          WHERE w.kind = 'route' AND w.scope = :route AND w.name = :id AND w.id < :place
                          AND w.waiter <> :user LIMIT 1),
                 held AS (INSERT INTO route_locks (route, id, holder) SELECT :route, :id, id FROM who
                          WHERE NOT EXISTS (SELECT 1 FROM ahead)
                          OR EXISTS (SELECT 1 FROM route_locks l WHERE l.route = :route AND l.id = :id AND l.holder = :user)
                          ON CONFLICT (route, id) DO UPDATE SET holder = excluded.holder
                          WHERE route_locks.holder = excluded.holder
                          RETURNING xmax = 0 AS made, CAST(xmin AS TEXT) AS version)%s
            SELECT (SELECT count(*) FROM who), (SELECT count(*) FROM held), (SELECT version FROM held WHERE made)
            """;

    private static final String ACQUIRE_AT_ONCE = ACQUIRE.replace("%s", "");

    private static final String ACQUIRE_FROM_QUEUE = ACQUIRE.replace(
            "%s", ", served AS (DELETE FROM lock_waiters WHERE id = :place AND EXISTS (SELECT 1 FROM held))");

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

    /** Its event is that of a break: the trigger of the table asks the setting. */
    private static final String BREAK = """
            WITH ending AS MATERIALIZED (SELECT set_config('lockgate.ending', 'broken', TRUE) AS how)
            DELETE FROM route_locks USING ending WHERE ending.how = 'broken'
            AND route = :route AND id = :id AND holder = :holder
            AND CAST(EXTRACT(EPOCH FROM since) * 1000000 AS BIGINT) = :since
            RETURNING route, id
            """;

    private static final String ORDER = " ORDER BY l.route, l.id LIMIT :limit";

    private final PostgresCalls calls;
    private final PostgresLockQueue queue;

    /** Connects to nothing by itself: it uses the pool of the default datasource. */
    public PostgresRouteLockTable(
            Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads, PostgresLockQueue queue) {
        this.calls = new PostgresCalls(
                vertx, bulkheads, PostgresUse.ROUTE_LOCKS, limits.timeout(), RouteTableUnavailableException::new);
        this.queue = queue;
    }

    @Override
    public Uni<RouteAcquisition> acquire(RouteLockId what, long user) {
        return acquire(ACQUIRE_AT_ONCE, what, user, PostgresLockQueue.BEHIND_ALL, this::rollBackLate);
    }

    @Override
    public Uni<RouteAcquisition> acquire(RouteLockId what, long user, Waiting waiting) {
        var key = new PostgresLockQueue.Key(PostgresLockQueue.Kind.ROUTE, what.route(), what.id());
        return acquire(what, user)
                .chain(outcome -> outcome instanceof RouteAcquisition.HeldByAnother
                        ? queue.hold(key, user, waiting, new FromQueue(what, user))
                        : Uni.createFrom().item(outcome));
    }

    private Uni<RouteAcquisition> acquire(
            String statement, RouteLockId what, long user, long place, Consumer<RouteAcquisition> late) {
        Map<String, Object> values = Map.of("route", what.route(), "id", what.id(), "user", user, "place", place);
        return calls.inSession(
                () -> Rows.all(statement, values).map(rows -> acquisition(what, user, rows.getFirst())), late);
    }

    private final class FromQueue implements PostgresLockQueue.Acquire<RouteAcquisition> {
        private final RouteLockId what;
        private final long user;

        FromQueue(RouteLockId what, long user) {
            this.what = what;
            this.user = user;
        }

        @Override
        public PostgresCalls calls() {
            return calls;
        }

        @Override
        public Uni<RouteAcquisition> attempt(long place, Consumer<RouteAcquisition> late) {
            return acquire(ACQUIRE_FROM_QUEUE, what, user, place, late);
        }

        @Override
        public boolean isRefusal(RouteAcquisition outcome) {
            return outcome instanceof RouteAcquisition.HeldByAnother;
        }

        @Override
        public boolean isGrant(RouteAcquisition outcome) {
            return outcome instanceof RouteAcquisition.Held;
        }

        @Override
        public RouteAcquisition refused() {
            return new RouteAcquisition.HeldByAnother();
        }

        @Override
        public RouteAcquisition tooMany(boolean ofUser) {
            return new RouteAcquisition.TooManyWaiting(ofUser);
        }

        @Override
        public void rollBack(RouteAcquisition outcome) {
            rollBackLate(outcome);
        }
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
