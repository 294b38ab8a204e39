package io.lockgate.postgres;

import io.lockgate.course.Course;
import io.lockgate.course.CourseAcquisition;
import io.lockgate.course.CourseClaim;
import io.lockgate.course.CourseLock;
import io.lockgate.course.CourseLockTable;
import io.lockgate.course.CourseRelease;
import io.lockgate.course.CourseTableUnavailableException;
import io.lockgate.course.Gadget;
import io.lockgate.identity.Waiting;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Courses, gadgets and their locks on Postgres.
 *
 * <p>An acquire is one transaction. It first holds the user's row, then the gadget's: all acquires of one user, and all
 * on one gadget, come one after the other, and since every acquire takes them in this order, no two wait for each
 * other. Then it holds the rows of the locks concerned, by id, decides, and changes them. {@code FOR NO KEY UPDATE}
 * lets foreign keys and route locks of the same user pass, and stops a deletion of the user. Two constraints of the
 * table stand behind it all.
 *
 * <p>Time is {@code statement_timestamp()}: {@code now()} would be the time before the wait for those rows.
 */
public final class PostgresCourseLockTable implements CourseLockTable {
    private static final Logger LOG = Logger.getLogger(PostgresCourseLockTable.class);

    private static final String HOLD_USER = "SELECT id, 1 FROM users WHERE id = :user FOR NO KEY UPDATE";

    /** And whether a live waiter of another user has a lower place. */
    private static final String HOLD_GADGET = """
            SELECT course_id, EXISTS (SELECT 1 FROM\s""" + PostgresLockQueue.LIVE + """
                                      WHERE w.kind = 'course' AND w.scope = :course AND w.name = :gadget AND w.id < :place
                                      AND w.waiter <> :user)
            FROM gadgets WHERE course_id = :course AND gadget_id = :gadget FOR NO KEY UPDATE
            """;

    private static final String HOLD_LOCKS = """
            SELECT id, owner, course_id = :course AND gadget_id = :gadget, expires_at > statement_timestamp(),
                   course_id, gadget_id, CAST(EXTRACT(EPOCH FROM expires_at) * 1000000 AS BIGINT)
            FROM course_locks
            WHERE (course_id = :course AND gadget_id = :gadget) OR (owner = :user AND type = 'gadget')
            ORDER BY id FOR UPDATE
            """;

    private static final String RENEW = """
            UPDATE course_locks SET expires_at = statement_timestamp() + CAST(:lease AS BIGINT) * INTERVAL '1 millisecond'
            WHERE id = :id RETURNING id, owner
            """;

    private static final String CLEAR = """
            DELETE FROM course_locks
            WHERE (course_id = :course AND gadget_id = :gadget) OR (owner = :user AND type = 'gadget')
            RETURNING id, owner
            """;

    private static final String MAKE = """
            INSERT INTO course_locks (type, course_id, gadget_id, owner, expires_at)
            VALUES ('gadget', :course, :gadget, :user,
                    statement_timestamp() + CAST(:lease AS BIGINT) * INTERVAL '1 millisecond')
            RETURNING id, owner, CAST(xmin AS TEXT)
            """;

    private static final String SERVED = "DELETE FROM lock_waiters WHERE id = :place RETURNING id, waiter";

    private static final String ROLL_BACK = """
            DELETE FROM course_locks WHERE id = :id AND owner = :user AND CAST(xmin AS TEXT) = :version RETURNING id, owner
            """;

    private static final String RESTORE = """
            INSERT INTO course_locks (id, type, course_id, gadget_id, owner, expires_at)
            OVERRIDING SYSTEM VALUE
            SELECT CAST(:id AS BIGINT), 'gadget', :course, :gadget, CAST(:user AS BIGINT),
                   TIMESTAMPTZ 'epoch' + CAST(:end AS BIGINT) * INTERVAL '1 microsecond'
            WHERE TIMESTAMPTZ 'epoch' + CAST(:end AS BIGINT) * INTERVAL '1 microsecond' > statement_timestamp()
            ON CONFLICT DO NOTHING RETURNING id, owner
            """;

    private static final String SWEEP = """
            DELETE FROM course_locks WHERE id IN (
                SELECT id FROM course_locks WHERE expires_at <= statement_timestamp()
                ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED)
            RETURNING id, owner
            """;

    private static final String RELEASE = """
            WITH freed AS (DELETE FROM course_locks
                           WHERE id = :id AND owner = :user AND expires_at > statement_timestamp() RETURNING id)
            SELECT (SELECT count(*) FROM freed),
                   (SELECT count(*) FROM course_locks
                    WHERE id = :id AND owner <> :user AND expires_at > statement_timestamp())
            """;

    private static final String LIST = """
            SELECT id, course_id, gadget_id, owner,
                   CAST(CEIL(EXTRACT(EPOCH FROM expires_at - statement_timestamp()) * 1000) AS BIGINT)
            FROM course_locks WHERE course_id = :course AND expires_at > statement_timestamp() ORDER BY id
            """;

    private static final String FIND_BY_ID = "SELECT course_id, internal_id FROM courses WHERE course_id = :key";

    private static final String FIND_BY_INTERNAL_ID =
            "SELECT course_id, internal_id FROM courses WHERE internal_id = :key";

    /** The update changes nothing; it makes the row come back that was there. */
    private static final String PUT_COURSE = """
            INSERT INTO courses (course_id) VALUES (:course)
            ON CONFLICT (course_id) DO UPDATE SET course_id = excluded.course_id RETURNING course_id, internal_id
            """;

    private static final String PUT_GADGET = """
            INSERT INTO gadgets (course_id, gadget_id) VALUES (:course, :gadget)
            ON CONFLICT DO NOTHING RETURNING course_id, gadget_id
            """;

    private final PostgresCalls calls;
    private final PostgresLockQueue queue;

    /** Connects to nothing by itself: it uses the pool of the default datasource. */
    public PostgresCourseLockTable(
            Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads, PostgresLockQueue queue) {
        this.calls = new PostgresCalls(
                vertx, bulkheads, PostgresUse.COURSE_LOCKS, limits.timeout(), CourseTableUnavailableException::new);
        this.queue = queue;
    }

    @Override
    public Uni<Optional<Course>> findCourse(String courseKey) {
        Optional<Long> internal = internalId(courseKey);
        String sql = internal.isPresent() ? FIND_BY_INTERNAL_ID : FIND_BY_ID;
        Object key = internal.isPresent() ? internal.get() : courseKey;
        return calls.inSession(
                () -> Rows.one(sql, Map.of("key", key)).map(row -> row.map(PostgresCourseLockTable::course)));
    }

    @Override
    public Uni<Course> putCourse(String courseId) {
        return calls.inSession(
                () -> Rows.all(PUT_COURSE, Map.of("course", courseId)).map(rows -> course(rows.getFirst())));
    }

    @Override
    public Uni<Void> putGadget(Gadget gadget) {
        return calls.inSession(() -> Rows.all(PUT_GADGET, named(gadget))).replaceWithVoid();
    }

    @Override
    public Uni<List<CourseLock>> list(String courseId) {
        return calls.inSession(() -> Rows.all(LIST, Map.of("course", courseId))
                .map(rows -> rows.stream().map(PostgresCourseLockTable::lock).toList()));
    }

    @Override
    public Uni<CourseAcquisition> acquire(Gadget gadget, long user, Duration lease) {
        // One whose answer comes late stands, as it does when its client has left: it expires.
        return acquire(gadget, user, lease, PostgresLockQueue.BEHIND_ALL, late -> {});
    }

    @Override
    public Uni<CourseAcquisition> acquire(Gadget gadget, long user, Duration lease, Waiting waiting) {
        var key = new PostgresLockQueue.Key(PostgresLockQueue.Kind.COURSE, gadget.courseId(), gadget.gadgetId());
        return acquire(gadget, user, lease, PostgresLockQueue.BEHIND_ALL, this::rollBackLate)
                .chain(outcome -> outcome instanceof CourseAcquisition.HeldByAnother
                        ? queue.hold(key, user, waiting, new FromQueue(gadget, user, lease))
                        : item(outcome));
    }

    private Uni<CourseAcquisition> acquire(
            Gadget gadget, long user, Duration lease, long place, Consumer<CourseAcquisition> late) {
        return calls.inTransaction(
                () -> Rows.one(HOLD_USER, Map.of("user", user)).chain(who -> {
                    if (who.isEmpty()) {
                        return item(new CourseAcquisition.NoSuchUser());
                    }
                    return Rows.one(HOLD_GADGET, who(gadget, user, "place", place))
                            .chain(known -> known.isEmpty()
                                    ? item(new CourseAcquisition.NoSuchGadget(gadget.gadgetId()))
                                    : take(gadget, user, lease, place, (Boolean) known.get()[1]));
                }),
                late);
    }

    /** The caller has been told that nobody knows what became of it. */
    private void rollBackLate(CourseAcquisition late) {
        if (late instanceof CourseAcquisition.Held(CourseLock lock, Optional<CourseClaim> made)) {
            made.ifPresent(claim -> rollBack(claim)
                    .subscribe()
                    .with(
                            done -> LOG.debugf("course lock of a late answer rolled back: %s", done),
                            failure ->
                                    LOG.warnf("the course lock of a late answer stands (%s)", failure.getMessage())));
        }
    }

    /** Holds the rows of user and gadget as an acquire does, and in the same order. */
    @Override
    public Uni<Boolean> rollBack(CourseClaim claim) {
        Map<String, Object> made = Map.of("id", claim.lockId(), "user", claim.owner(), "version", claim.version());
        return calls.inTransaction(() -> Rows.one(HOLD_USER, Map.of("user", claim.owner()))
                .chain(held -> Rows.one(ROLL_BACK, made))
                .chain(gone -> gone.isEmpty() || claim.replaced().isEmpty()
                        ? Uni.createFrom().item(gone.isPresent())
                        : restore(claim.owner(), claim.replaced().get()).replaceWith(true)));
    }

    private static Uni<Void> restore(long user, CourseClaim.Replaced replaced) {
        Gadget gadget = replaced.on();
        Map<String, Object> row = Map.of(
                "id", replaced.lockId(),
                "course", gadget.courseId(),
                "gadget", gadget.gadgetId(),
                "user", user,
                "end", ChronoUnit.MICROS.between(Instant.EPOCH, replaced.expiresAt()));
        return Rows.one(HOLD_GADGET, who(gadget, user, "place", PostgresLockQueue.BEHIND_ALL))
                .chain(known -> known.isEmpty() || (Boolean) known.get()[1]
                        ? Uni.createFrom().voidItem()
                        : Rows.all(RESTORE, row).replaceWithVoid());
    }

    @Override
    public Uni<Void> sweep() {
        return calls.inSession(() -> Rows.all(SWEEP, Map.of())).replaceWithVoid();
    }

    private final class FromQueue implements PostgresLockQueue.Acquire<CourseAcquisition> {
        private final Gadget gadget;
        private final long user;
        private final Duration lease;

        FromQueue(Gadget gadget, long user, Duration lease) {
            this.gadget = gadget;
            this.user = user;
            this.lease = lease;
        }

        @Override
        public PostgresCalls calls() {
            return calls;
        }

        @Override
        public Uni<CourseAcquisition> attempt(long place, Consumer<CourseAcquisition> late) {
            return acquire(gadget, user, lease, place, late);
        }

        @Override
        public boolean isRefusal(CourseAcquisition outcome) {
            return outcome instanceof CourseAcquisition.HeldByAnother;
        }

        @Override
        public boolean isGrant(CourseAcquisition outcome) {
            return outcome instanceof CourseAcquisition.Held;
        }

        @Override
        public CourseAcquisition refused() {
            return new CourseAcquisition.HeldByAnother();
        }

        @Override
        public CourseAcquisition tooMany(boolean ofUser) {
            return new CourseAcquisition.TooManyWaiting(ofUser);
        }

        @Override
        public void rollBack(CourseAcquisition outcome) {
            rollBackLate(outcome);
        }
    }

    @Override
    public Uni<CourseRelease> release(long lockId, long user) {
        return calls.inSession(() ->
                Rows.all(RELEASE, Map.of("id", lockId, "user", user)).map(rows -> released(lockId, rows.getFirst())));
    }

    /**
     * With the user's and the gadget's row held.
     *
     * @param behind whether another user's call is first; then only what the user has already is renewed
     */
    private static Uni<CourseAcquisition> take(Gadget gadget, long user, Duration lease, long place, boolean behind) {
        Map<String, Object> who = Map.of("course", gadget.courseId(), "gadget", gadget.gadgetId(), "user", user);
        return Rows.all(HOLD_LOCKS, who).chain(rows -> switch (decide(rows, user, behind)) {
            case Step.Refuse() -> item(new CourseAcquisition.HeldByAnother());
            case Step.Renew(long id) ->
                served(place)
                        .chain(() -> Rows.all(RENEW, Map.of("id", id, "lease", lease.toMillis())))
                        .map(row -> new CourseAcquisition.Held(lock(row.getFirst(), gadget, lease)));
            case Step.Make() -> {
                Map<String, Object> made = who(gadget, user, "lease", lease.toMillis());
                yield served(place)
                        .chain(() -> clear(rows, who))
                        .chain(() -> Rows.all(MAKE, made))
                        .map(row -> made(row.getFirst(), gadget, lease, replaced(rows)));
            }
        });
    }

    /** It waits no longer. */
    private static Uni<Void> served(long place) {
        return place == PostgresLockQueue.BEHIND_ALL
                ? Uni.createFrom().voidItem()
                : Rows.all(SERVED, Map.of("place", place)).replaceWithVoid();
    }

    private sealed interface Step {
        record Refuse() implements Step {}

        record Renew(long id) implements Step {}

        record Make() implements Step {}
    }

    private static Step decide(List<Object[]> rows, long user, boolean behind) {
        for (Object[] row : rows) {
            boolean here = (Boolean) row[2];
            boolean live = (Boolean) row[3];
            if (here && live) {
                return Rows.number(row[1]) == user ? new Step.Renew(Rows.number(row[0])) : new Step.Refuse();
            }
        }
        return behind ? new Step.Refuse() : new Step.Make();
    }

    /** The lock of the user's that gives way: a live one that is not on this gadget. */
    private static Optional<CourseClaim.Replaced> replaced(List<Object[]> rows) {
        for (Object[] row : rows) {
            if (!(Boolean) row[2] && (Boolean) row[3]) {
                return Optional.of(new CourseClaim.Replaced(
                        Rows.number(row[0]),
                        new Gadget(Rows.text(row[4]), Rows.text(row[5])),
                        Instant.EPOCH.plus(Rows.number(row[6]), ChronoUnit.MICROS)));
            }
        }
        return Optional.empty();
    }

    private static Uni<Void> clear(List<Object[]> rows, Map<String, Object> who) {
        return rows.isEmpty()
                ? Uni.createFrom().voidItem()
                : Rows.all(CLEAR, who).replaceWithVoid();
    }

    private static CourseAcquisition made(
            Object[] row, Gadget gadget, Duration lease, Optional<CourseClaim.Replaced> replaced) {
        CourseLock lock = lock(row, gadget, lease);
        return new CourseAcquisition.Held(
                lock, Optional.of(new CourseClaim(lock.id(), lock.owner(), Rows.text(row[2]), replaced)));
    }

    private static CourseLock lock(Object[] row, Gadget gadget, Duration lease) {
        return new CourseLock(Rows.number(row[0]), gadget, Rows.number(row[1]), lease);
    }

    private static CourseRelease released(long lockId, Object[] row) {
        if (Rows.number(row[0]) > 0) {
            return new CourseRelease.Released();
        }
        return Rows.number(row[1]) > 0 ? new CourseRelease.NotYours() : new CourseRelease.NoSuchLock(lockId);
    }

    private static CourseLock lock(Object[] row) {
        return new CourseLock(
                Rows.number(row[0]),
                new Gadget(Rows.text(row[1]), Rows.text(row[2])),
                Rows.number(row[3]),
                Duration.ofMillis(Rows.number(row[4])));
    }

    private static Course course(Object[] row) {
        return new Course(Rows.text(row[0]), Rows.number(row[1]));
    }

    private static Map<String, Object> who(Gadget gadget, long user, String more, long value) {
        return Map.of("course", gadget.courseId(), "gadget", gadget.gadgetId(), "user", user, more, value);
    }

    private static Map<String, Object> named(Gadget gadget) {
        return Map.of("course", gadget.courseId(), "gadget", gadget.gadgetId());
    }

    /**
     * A key of digits alone is an internal id, for no course id is; beyond int64 it is nobody's, and looked for as
     * text.
     */
    private static Optional<Long> internalId(String key) {
        if (key.isEmpty() || !key.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.parseLong(key));
        } catch (NumberFormatException beyondInt64) {
            return Optional.empty();
        }
    }

    private static Uni<CourseAcquisition> item(CourseAcquisition outcome) {
        return Uni.createFrom().item(outcome);
    }
}
