package io.lockgate.postgres;

import io.lockgate.identity.Waiting;
import io.lockgate.postgres.LockQueueObserver.End;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Holds the calls of this gateway that wait for a route or course lock, in order of arrival on all gateways (ADR 43).
 *
 * <p>A waiting call is a row of {@code lock_waiters}, whose number is its place, and an entry here: no connection, no
 * place of a bulkhead, no thread. An attempt to acquire is made for the first of a lock when a release notifies
 * ({@link LockNotifications}), and, as a safety net, when the table says that a waiter of this gateway may be served, which
 * is asked every one or two seconds. Of one lock one attempt is under way, of all locks {@value #ATTEMPTS}.
 *
 * <p>While it holds calls the gateway says each second in {@code lock_gateways} that it lives. Others skip the waiters of
 * one that has not said so for six seconds.
 *
 * <p>All state belongs to one event loop; methods may be called on any thread.
 */
@Singleton
public final class PostgresLockQueue {
    /** Rows of live waiters {@code w}: their time is not over, and their gateway has been seen. */
    static final String LIVE = """
            lock_waiters w JOIN lock_gateways g ON g.id = w.gateway
            AND g.seen_at > statement_timestamp() - INTERVAL '6 seconds' AND w.ends_at > statement_timestamp()
            """;

    /** The place of a call that does not wait: behind all others. */
    static final long BEHIND_ALL = Long.MAX_VALUE;

    private static final int ATTEMPTS = 16;
    private static final int LEAVING_AT_ONCE = 1_000;
    private static final long LOOK_MS = 250;
    private static final int LOOKS_PER_BEAT = 4;
    private static final long FRESH_NANOS = Duration.ofSeconds(3).toNanos();
    private static final long LINGER_NANOS = Duration.ofSeconds(30).toNanos();

    private static final String ENQUEUE = """
            INSERT INTO lock_waiters (kind, scope, name, waiter, gateway, ends_at)
            VALUES (:kind, :scope, :name, :user, :gateway,
                    statement_timestamp() + CAST(:left AS BIGINT) * INTERVAL '1 millisecond')
            RETURNING id, waiter
            """;

    private static final String BEAT = """
            INSERT INTO lock_gateways (id, seen_at) VALUES (:gateway, statement_timestamp())
            ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at RETURNING id, 1
            """;

    /**
     * Waiters of this gateway that an attempt may serve: the first of a lock that nobody has and no live waiter of
     * another user is before, and those whose user has the lock by another call.
     */
    private static final String SERVABLE = """
            WITH first AS MATERIALIZED (
                SELECT DISTINCT ON (kind, scope, name) * FROM lock_waiters WHERE gateway = :gateway
                ORDER BY kind, scope, name, id)
            SELECT f.id, 1 FROM first f
            WHERE NOT EXISTS (SELECT 1 FROM route_locks r WHERE f.kind = 'route' AND r.route = f.scope AND r.id = f.name)
            AND NOT EXISTS (SELECT 1 FROM course_locks c WHERE f.kind = 'course' AND c.course_id = f.scope
                            AND c.gadget_id = f.name AND c.expires_at > statement_timestamp())
            AND NOT EXISTS (SELECT 1 FROM\s""" + LIVE + """
                            WHERE w.kind = f.kind AND w.scope = f.scope AND w.name = f.name AND w.id < f.id
                            AND w.waiter <> f.waiter)
            UNION ALL
            SELECT m.id, 1 FROM lock_waiters m JOIN route_locks r
            ON m.kind = 'route' AND r.route = m.scope AND r.id = m.name AND r.holder = m.waiter WHERE m.gateway = :gateway
            UNION ALL
            SELECT m.id, 1 FROM lock_waiters m JOIN course_locks c
            ON m.kind = 'course' AND c.course_id = m.scope AND c.gadget_id = m.name AND c.owner = m.waiter
            AND c.expires_at > statement_timestamp() WHERE m.gateway = :gateway
            LIMIT 1000
            """;

    /** Wakes those behind when the lock is free: they may have been told that it was not their turn. */
    private static final String LEAVE = """
            WITH gone AS (DELETE FROM lock_waiters WHERE %s RETURNING id, kind, scope, name),
                 locks AS (SELECT DISTINCT kind, scope, name FROM gone)
            SELECT (SELECT count(*) FROM gone), count(CAST(pg_notify('lockgate_lock_waiters', concat_ws(E'\\n', k.kind, k.scope, k.name)) AS TEXT))
            FROM locks k
            WHERE EXISTS (SELECT 1 FROM lock_waiters o WHERE o.kind = k.kind AND o.scope = k.scope AND o.name = k.name
                          AND o.id NOT IN (SELECT id FROM gone))
            AND NOT EXISTS (SELECT 1 FROM route_locks r WHERE k.kind = 'route' AND r.route = k.scope AND r.id = k.name)
            AND NOT EXISTS (SELECT 1 FROM course_locks c WHERE k.kind = 'course' AND c.course_id = k.scope
                            AND c.gadget_id = k.name AND c.expires_at > statement_timestamp())
            """;

    private static final String LEAVE_SOME =
            LEAVE.replace("%s", "id = ANY (CAST(string_to_array(:ids, ',') AS BIGINT[]))");

    private static final String LEAVE_ALL = LEAVE.replace("%s", "gateway = :gateway");

    /** What gateways that died have left. Their rows have held nobody back for long. */
    private static final String SWEEP = """
            WITH calls AS (DELETE FROM lock_waiters WHERE ends_at < statement_timestamp() - INTERVAL '1 minute' RETURNING id),
                 gateways AS (DELETE FROM lock_gateways g WHERE g.seen_at < statement_timestamp() - INTERVAL '1 hour'
                              AND NOT EXISTS (SELECT 1 FROM lock_waiters w WHERE w.gateway = g.id) RETURNING id)
            SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM gateways)
            """;

    private static final Logger LOG = Logger.getLogger(PostgresLockQueue.class);

    /** Which table a lock is in. */
    enum Kind {
        ROUTE("route"),
        COURSE("course");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /** A lock that calls wait for. */
    record Key(Kind kind, String scope, String name) {
        /** As {@code wake_lock_waiters} writes it; no part holds a line feed. */
        static Optional<Key> parse(String payload) {
            String[] parts = payload.split("\n", 3);
            for (Kind kind : Kind.values()) {
                if (parts.length == 3 && parts[0].equals(kind.text)) {
                    return Optional.of(new Key(kind, parts[1], parts[2]));
                }
            }
            return Optional.empty();
        }
    }

    /** How a table acquires for a call that waits, and what its outcomes mean. */
    interface Acquire<T> {
        /** The table's calls. */
        PostgresCalls calls();

        /**
         * Acquires, unless somebody holds the lock or a live waiter of another user has a lower place; deletes the
         * waiter's row if it could.
         *
         * @param late as in {@link PostgresCalls}
         */
        Uni<T> attempt(long place, Consumer<T> late);

        /** Whether {@code outcome} is one that waiting may change. */
        boolean isRefusal(T outcome);

        /** Whether {@code outcome} is the lock. */
        boolean isGrant(T outcome);

        /** The answer when the time is over. */
        T refused();

        /** The answer when as many calls are held as may be, of this user or in all. */
        T tooMany(boolean ofUser);

        /** Nobody can be told of {@code outcome}. */
        void rollBack(T outcome);
    }

    private static final class Call<T> {
        private final Key key;
        private final long user;
        private final Waiting waiting;
        private final Acquire<T> acquire;
        private final UniEmitter<? super T> emitter;
        private final @Nullable Context caller;
        private final long since = System.nanoTime();
        private long checkedAt = since;
        private boolean checking;
        /** 0 until its row is there. */
        private long place;

        private long timer;
        private boolean attempting;
        /** It no longer waits; an attempt under way still decides. */
        private @Nullable End over;

        private boolean ended;
        private boolean granted;

        Call(
                Key key,
                long user,
                Waiting waiting,
                Acquire<T> acquire,
                UniEmitter<? super T> emitter,
                @Nullable Context caller) {
            this.key = key;
            this.user = user;
            this.waiting = waiting;
            this.acquire = acquire;
            this.emitter = emitter;
            this.caller = caller;
        }

        /** On the context of whoever waits. */
        void answer(Runnable end) {
            if (caller == null) {
                end.run();
            } else {
                caller.runOnContext(there -> end.run());
            }
        }
    }

    private final Vertx vertx;
    private final Context loop;
    private final PostgresCalls calls;
    private final LockQueueLimits limits;
    private final LockQueueObserver observer;
    private final LockNotifications notifications;
    private final String gateway = UUID.randomUUID().toString();

    private final Set<Call<?>> held = new LinkedHashSet<>();
    private final Map<Long, Integer> perUser = new HashMap<>();
    private final Map<Key, TreeMap<Long, Call<?>>> queues = new HashMap<>();
    private final Map<Long, Call<?>> byPlace = new HashMap<>();

    /** Calls to attempt, and the locks of which an attempt is under way. */
    private final Set<Call<?>> ready = new LinkedHashSet<>();

    private final Set<Key> busy = new HashSet<>();

    /** Places whose rows are to be deleted. */
    private final Set<Long> leaving = new LinkedHashSet<>();

    private boolean leavingNow;
    private boolean looking;
    private boolean beating;
    private final List<Runnable> afterBeat = new ArrayList<>();
    private long beatAt = System.nanoTime() - FRESH_NANOS;
    private long usedAt;
    private long ticker = -1;
    private int ticks;
    private boolean stopped;

    PostgresLockQueue(
            Vertx vertx,
            PostgresLimits timeouts,
            PostgresBulkheads bulkheads,
            BoundedPool servers,
            LockQueueLimits limits,
            LockQueueObserver observer) {
        this.vertx = vertx;
        this.loop = VertxContext.getRootContext(vertx.getOrCreateContext());
        this.calls = new PostgresCalls(
                vertx, bulkheads, PostgresUse.LOCK_QUEUE, timeouts.timeout(), IllegalStateException::new);
        this.limits = limits;
        this.observer = observer;
        this.notifications =
                new LockNotifications(servers, loop, text -> Key.parse(text).ifPresent(this::woken), this::look);
    }

    /**
     * Holds a call that was refused until it is granted, or may wait no longer. Answers on the caller's context, within
     * the time that it waits and one call of Postgres.
     *
     * @param user whose call it is; one user's calls do not hold each other back
     */
    <T> Uni<T> hold(Key key, long user, Waiting waiting, Acquire<T> acquire) {
        return Uni.createFrom().emitter(emitter -> {
            Call<T> call = new Call<>(key, user, waiting, acquire, emitter, Vertx.currentContext());
            loop.runOnContext(here -> begin(call));
        });
    }

    /**
     * Refuses all calls that wait, at once, and those that would: the gateway stops. Their rows go in one statement; were
     * it to fail, their gateway is soon taken for dead.
     */
    public void stop() {
        loop.runOnContext(here -> {
            if (!stopped) {
                stopped = true;
                notifications.close();
                if (ticker >= 0) {
                    refuseAll();
                }
            }
        });
    }

    private void refuseAll() {
        leavingNow = true;
        List.copyOf(held).forEach(call -> giveUp(call, End.REFUSED));
        Set<Long> places = Set.copyOf(leaving);
        calls.inSession(() -> Rows.all(LEAVE_ALL, Map.of("gateway", gateway)))
                .subscribe()
                .with(
                        done -> {
                            leavingNow = false;
                            leaving.removeAll(places);
                            deleteLeaving();
                        },
                        failure -> leavingNow = false);
    }

    /** The same, and looks after nothing any more: for queues that end before their process. */
    void close() {
        stop();
        loop.runOnContext(here -> {
            if (ticker >= 0) {
                vertx.cancelTimer(ticker);
                ticker = -1;
            }
        });
    }

    /** Deletes what gateways that died have left. */
    public Uni<Void> sweep() {
        return calls.inSession(() -> Rows.all(SWEEP, Map.of())).replaceWithVoid();
    }

    // ------------------------------------------------------------------------------------------- beginning and ending

    private <T> void begin(Call<T> call) {
        if (stopped) {
            call.answer(() -> call.emitter.complete(call.acquire.refused()));
            return;
        }
        int ofUser = perUser.getOrDefault(call.user, 0);
        if (ofUser >= limits.perUser() || held.size() >= limits.total()) {
            observer.tooMany(call.key.kind().text);
            boolean own = ofUser >= limits.perUser();
            call.answer(() -> call.emitter.complete(call.acquire.tooMany(own)));
            return;
        }
        held.add(call);
        perUser.merge(call.user, 1, Integer::sum);
        observer.began(call.key.kind().text);
        call.timer = vertx.setTimer(left(call), fired -> giveUp(call, End.REFUSED));
        startTicking();
        whenSeen(() -> enqueue(call));
    }

    private static long left(Call<?> call) {
        return Math.max(
                1,
                call.waiting.time().minusNanos(System.nanoTime() - call.since).toMillis());
    }

    private <T> void enqueue(Call<T> call) {
        if (call.ended) {
            return;
        }
        Map<String, Object> values = Map.of(
                "kind",
                call.key.kind().text,
                "scope",
                call.key.scope(),
                "name",
                call.key.name(),
                "user",
                call.user,
                "gateway",
                gateway,
                "left",
                left(call));
        call.acquire
                .calls()
                .inSession(
                        () -> Rows.all(ENQUEUE, values).map(rows -> Rows.number(rows.getFirst()[0])),
                        late -> loop.runOnContext(here -> leave(late)))
                .subscribe()
                .with(place -> enqueued(call, place), failure -> fail(call, failure));
    }

    private <T> void enqueued(Call<T> call, long place) {
        if (call.ended) {
            leave(place);
            return;
        }
        call.place = place;
        byPlace.put(place, call);
        TreeMap<Long, Call<?>> queue = queues.computeIfAbsent(call.key, none -> new TreeMap<>());
        queue.put(place, call);
        // Whoever is before it here looked at the lock after its own row was there, and is told of each release.
        if (queue.firstKey() == place) {
            attempt(call);
        }
    }

    /** It waits no longer. */
    private <T> void giveUp(Call<T> call, End why) {
        if (call.ended || call.over != null) {
            return;
        }
        call.over = why;
        if (!call.attempting) {
            end(call, why, () -> call.emitter.complete(call.acquire.refused()));
        }
    }

    private <T> void fail(Call<T> call, Throwable failure) {
        end(call, End.FAILED, () -> call.emitter.fail(failure));
    }

    private <T> void end(Call<T> call, End how, Runnable answer) {
        if (call.ended) {
            return;
        }
        call.ended = true;
        vertx.cancelTimer(call.timer);
        held.remove(call);
        ready.remove(call);
        perUser.computeIfPresent(call.user, (same, calls) -> calls == 1 ? null : calls - 1);
        if (call.place > 0) {
            byPlace.remove(call.place);
            TreeMap<Long, Call<?>> queue = queues.get(call.key);
            if (queue != null) {
                queue.remove(call.place);
                if (queue.isEmpty()) {
                    queues.remove(call.key);
                }
            }
            if (!call.granted) {
                leave(call.place);
            }
        }
        observer.ended(call.key.kind().text, how, Duration.ofNanos(System.nanoTime() - call.since));
        call.answer(answer);
    }

    // --------------------------------------------------------------------------------------------------- attempts

    private void woken(Key key) {
        TreeMap<Long, Call<?>> queue = queues.get(key);
        if (queue != null) {
            attempt(queue.values().iterator().next());
        }
    }

    private void attempt(Call<?> call) {
        ready.add(call);
        attemptReady();
    }

    private void attemptReady() {
        Iterator<Call<?>> next = ready.iterator();
        List<Call<?>> begun = new ArrayList<>();
        while (busy.size() < ATTEMPTS && next.hasNext()) {
            Call<?> call = next.next();
            if (busy.add(call.key)) {
                next.remove();
                begun.add(call);
            }
        }
        begun.forEach(call -> attemptNow(call));
    }

    private <T> void attemptNow(Call<T> call) {
        if (call.waiting.isGone().getAsBoolean()) {
            giveUp(call, End.GONE);
        }
        if (call.ended) {
            busy.remove(call.key);
            attemptReady();
            return;
        }
        call.attempting = true;
        call.acquire
                .attempt(call.place, late -> loop.runOnContext(here -> decidedLate(call, late)))
                .subscribe()
                .with(outcome -> decided(call, outcome), failure -> notDecided(call, failure));
    }

    private <T> void decided(Call<T> call, T outcome) {
        call.attempting = false;
        busy.remove(call.key);
        if (!call.acquire.isRefusal(outcome)) {
            granted(call, outcome);
        } else if (call.over != null) {
            end(call, call.over, () -> call.emitter.complete(outcome));
        }
        attemptReady();
    }

    /** Or an outcome that no waiting changes. */
    private <T> void granted(Call<T> call, T outcome) {
        if (call.ended) {
            if (!call.granted) {
                call.acquire.rollBack(outcome);
            }
            return;
        }
        TreeMap<Long, Call<?>> queue = queues.get(call.key);
        Map.Entry<Long, Call<?>> behind = queue == null ? null : queue.higherEntry(call.place);
        if (behind != null && behind.getValue().user == call.user) {
            // The same user has it now, by another call.
            ready.add(behind.getValue());
        }
        call.granted = call.acquire.isGrant(outcome);
        end(call, call.granted ? End.GRANTED : End.REFUSED, () -> call.emitter.complete(outcome));
    }

    private <T> void notDecided(Call<T> call, Throwable failure) {
        call.attempting = false;
        busy.remove(call.key);
        if (call.over != null) {
            fail(call, failure);
        } else {
            LOG.debugf("an attempt for a waiting call failed, it waits on: %s", failure.getMessage());
        }
        attemptReady();
    }

    /** It had been taken for failed; the call may still wait. */
    private <T> void decidedLate(Call<T> call, T outcome) {
        if (!call.acquire.isRefusal(outcome)) {
            granted(call, outcome);
        }
    }

    // ------------------------------------------------------------------------------------------------------ rows

    private void leave(long place) {
        leaving.add(place);
        deleteLeaving();
    }

    private void deleteLeaving() {
        if (leavingNow || leaving.isEmpty()) {
            return;
        }
        leavingNow = true;
        List<Long> places = leaving.stream().limit(LEAVING_AT_ONCE).toList();
        places.forEach(leaving::remove);
        String ids = places.stream().map(String::valueOf).collect(Collectors.joining(","));
        calls.inSession(() -> Rows.all(LEAVE_SOME, Map.of("ids", ids)))
                .subscribe()
                .with(
                        done -> {
                            leavingNow = false;
                            deleteLeaving();
                        },
                        failure -> {
                            leavingNow = false;
                            leaving.addAll(places);
                        });
    }

    /** Runs {@code work} when others know that this gateway lives: they would skip the waiter at once. */
    private void whenSeen(Runnable work) {
        if (System.nanoTime() - beatAt < FRESH_NANOS) {
            work.run();
        } else {
            afterBeat.add(work);
            beat();
        }
    }

    private void beat() {
        if (beating) {
            return;
        }
        beating = true;
        calls.inSession(() -> Rows.all(BEAT, Map.of("gateway", gateway)))
                .subscribe()
                .with(
                        done -> {
                            beating = false;
                            beatAt = System.nanoTime();
                            List<Runnable> works = List.copyOf(afterBeat);
                            afterBeat.clear();
                            works.forEach(Runnable::run);
                        },
                        failure -> {
                            // Calls that are not in the queue yet wait for the next one, or until their time is over.
                            beating = false;
                            LOG.debugf("this gateway could not say that it lives: %s", failure.getMessage());
                        });
    }

    // ----------------------------------------------------------------------------------------------- now and then

    private void startTicking() {
        usedAt = System.nanoTime();
        if (ticker < 0) {
            ticks = 0;
            notifications.keepUp();
            ticker = vertx.setPeriodic(LOOK_MS, fired -> tick());
        }
    }

    private void tick() {
        ticks++;
        if (held.isEmpty() && leaving.isEmpty() && System.nanoTime() - usedAt > LINGER_NANOS) {
            vertx.cancelTimer(ticker);
            ticker = -1;
            notifications.close();
            return;
        }
        lookAfterCalls();
        if (ticks % LOOKS_PER_BEAT != 0) {
            return;
        }
        deleteLeaving();
        if (held.isEmpty() || stopped) {
            return;
        }
        usedAt = System.nanoTime();
        beat();
        notifications.keepUp();
        if (!notifications.isUp() || ticks % (2 * LOOKS_PER_BEAT) == 0) {
            look();
        }
    }

    private void lookAfterCalls() {
        long now = System.nanoTime();
        List<Call<?>> gone = new ArrayList<>();
        for (Call<?> call : held) {
            if (call.waiting.isGone().getAsBoolean()) {
                gone.add(call);
            } else if (!call.checking && now - call.checkedAt > limits.recheck().toNanos()) {
                check(call, now);
            }
        }
        gone.forEach(call -> giveUp(call, End.GONE));
    }

    private void check(Call<?> call, long now) {
        call.checking = true;
        call.checkedAt = now;
        call.waiting
                .isPermitted()
                .get()
                .subscribe()
                .with(
                        permitted -> loop.runOnContext(here -> {
                            call.checking = false;
                            if (!permitted) {
                                giveUp(call, End.REFUSED);
                            }
                        }),
                        failure -> loop.runOnContext(here -> call.checking = false));
    }

    /** Asks the table which waiters may be served: a notification may have been lost. */
    private void look() {
        if (looking || held.isEmpty() || stopped) {
            return;
        }
        looking = true;
        calls.inSession(() -> Rows.all(SERVABLE, Map.of("gateway", gateway)))
                .subscribe()
                .with(
                        rows -> {
                            looking = false;
                            for (Object[] row : rows) {
                                Call<?> call = byPlace.get(Rows.number(row[0]));
                                if (call != null) {
                                    ready.add(call);
                                }
                            }
                            attemptReady();
                        },
                        failure -> looking = false);
    }
}
