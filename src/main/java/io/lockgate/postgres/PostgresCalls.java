package io.lockgate.postgres;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs work of Hibernate Reactive for whoever calls, wherever the call comes from.
 *
 * <p>Hibernate Reactive keeps its session on the current Vert.x context and wants a duplicated one. A caller may be on
 * the context of an HTTP request (where two calls at once would share one session), on the root context of a Redis
 * connection, or on no context at all. So each call gets a duplicated context of its own, and its answer goes back to
 * the caller's.
 *
 * <p>A call is detached from its caller: it goes on when the caller gives up or the time is over, and what it did
 * stands. Cancelling a chain of Hibernate Reactive would skip the closing of the session and lose a connection for
 * good.
 *
 * <p>All calls of one object are of one {@linkplain PostgresUse use} and run in its places ({@link PostgresBulkheads}).
 * The time of a call covers its wait for a place and its work.
 */
final class PostgresCalls {
    /**
     * Classes of SQLSTATE that say the statement itself is wrong: data, constraint, syntax or names. They are faults of
     * this program; all else means that Postgres cannot serve now.
     */
    private static final Set<String> FAULTS_OF_OURS = Set.of("21", "22", "23", "42");

    /**
     * SQLSTATE of serialization_failure, deadlock_detected and unique_violation (somebody was faster, and another
     * attempt sees what they did): nothing has happened, and another attempt may succeed or say why not.
     */
    private static final Set<String> UNDONE_FOR_OTHERS = Set.of("40001", "40P01", "23505");

    /** SQLSTATE of query_canceled and lock_not_available: Postgres is there, and the time was over. */
    private static final Set<String> TOO_SLOW = Set.of("57014", "55P03");

    /**
     * Classes of SQLSTATE with which Postgres says that it cannot serve at all: connection, resources, operator (it is
     * being shut down or started). All others come from a server that works.
     */
    private static final Set<String> NOT_SERVING = Set.of("08", "53", "57", "58", "XX");

    private static final int MAX_RETRIES = 3;

    /**
     * By so much longer than {@code statement_timeout}: where a lock is in the way Postgres says so itself, and the
     * call is not taken for one that nobody answers.
     */
    private static final Duration GRACE = Duration.ofMillis(100);

    private final Vertx vertx;
    private final PostgresBulkheads bulkheads;
    private final PostgresUse use;
    private final Duration deadline;
    private final BiFunction<String, Throwable, RuntimeException> unavailable;

    /**
     * @param timeout of one statement; the call as a whole, its wait for a place included, has {@link #GRACE} more
     * @param unavailable makes the exception by which the domain of the caller says that its store did not answer; the
     *     cause is a {@link BusyException} when Postgres is there all the same
     */
    PostgresCalls(
            Vertx vertx,
            PostgresBulkheads bulkheads,
            PostgresUse use,
            Duration timeout,
            BiFunction<String, Throwable, RuntimeException> unavailable) {
        this.vertx = vertx;
        this.bulkheads = bulkheads;
        this.use = use;
        this.deadline = timeout.plus(GRACE);
        this.unavailable = unavailable;
    }

    /**
     * Runs {@code work} with a Panache session of its own, without a transaction: each statement commits by itself.
     * What fails is {@code unavailable}, but for faults of this program, which pass as they are.
     */
    <T extends @Nullable Object> Uni<T> inSession(Supplier<Uni<T>> work) {
        return inSession(work, ignored -> {});
    }

    /**
     * The same.
     *
     * @param late is told what the work came to after the caller had been told that there is no answer
     */
    <T extends @Nullable Object> Uni<T> inSession(Supplier<Uni<T>> work, Consumer<T> late) {
        return Uni.createFrom().emitter(emitter -> begin(() -> Panache.withSession(work), emitter, late));
    }

    /**
     * Runs {@code work} in a transaction of its own. When Postgres undoes it for the sake of others (deadlock,
     * serialization, a unique value just taken) it is run again, a few times.
     */
    <T extends @Nullable Object> Uni<T> inTransaction(Supplier<Uni<T>> work) {
        return inTransaction(work, ignored -> {});
    }

    /**
     * The same.
     *
     * @param late is told what the work came to after the caller had been told that there is no answer
     */
    <T extends @Nullable Object> Uni<T> inTransaction(Supplier<Uni<T>> work, Consumer<T> late) {
        return Uni.createFrom()
                .emitter(emitter -> begin(
                        () -> Uni.createFrom()
                                .deferred(() -> Panache.withTransaction(work))
                                .onFailure(PostgresCalls::isUndoneForOthers)
                                .retry()
                                .atMost(MAX_RETRIES),
                        emitter,
                        late));
    }

    private static boolean isUndoneForOthers(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            @Nullable String state = sqlState(cause);
            if (state != null && UNDONE_FOR_OTHERS.contains(state)) {
                return true;
            }
        }
        return false;
    }

    private <T extends @Nullable Object> void begin(
            Supplier<Uni<T>> work, UniEmitter<? super T> emitter, Consumer<T> late) {
        new Call<>(work, emitter, late, Vertx.currentContext()).begin();
    }

    /**
     * One call: it waits for a place, runs, and answers once, in time. It is the {@code Runnable} that its bulkhead
     * runs.
     */
    private final class Call<T extends @Nullable Object> implements Runnable {
        private final Supplier<Uni<T>> work;
        private final UniEmitter<? super T> emitter;
        private final Consumer<T> late;
        private final @Nullable Context caller;

        /**
         * Chosen by the caller: the thread that frees a place may be another's, and must not draw all work to its event
         * loop.
         */
        private final Context own;

        private final long since = System.nanoTime();
        private long timer;

        Call(Supplier<Uni<T>> work, UniEmitter<? super T> emitter, Consumer<T> late, @Nullable Context caller) {
            this.work = work;
            this.emitter = emitter;
            this.late = late;
            this.caller = caller;
            this.own = ownContext(caller);
        }

        void begin() {
            timer = vertx.setTimer(deadline.toMillis(), fired -> tooLate());
            if (!bulkheads.enter(use, this)) {
                vertx.cancelTimer(timer);
                String full = "too many calls of Postgres at once (" + use + ")";
                fail(bulkheads.isSilent() ? new TimeoutException(full) : new BusyException(full));
            }
        }

        @Override
        public void run() {
            VertxContextSafetyToggle.setContextSafe(own, true);
            own.runOnContext(begun -> Uni.createFrom()
                    .deferred(work::get)
                    .subscribe()
                    .with(
                            item -> {
                                bulkheads.heard();
                                if (end()) {
                                    back(caller, () -> emitter.complete(item));
                                } else {
                                    late.accept(item);
                                }
                            },
                            failure -> {
                                boolean inTime = end();
                                fail(judged(failure, inTime));
                            }));
        }

        /** Whether the time was not over before. */
        private boolean end() {
            boolean inTime = vertx.cancelTimer(timer);
            bulkheads.leave(use);
            return inTime;
        }

        /** An emitter takes the first end it is told and ignores the others. */
        private void fail(Throwable failure) {
            back(caller, () -> emitter.fail(failure(failure)));
        }

        /** Work that has begun goes on and keeps its place. */
        private void tooLate() {
            String silentFor = "no answer in " + deadline.toMillis() + " ms (" + use + ")";
            if (!bulkheads.withdraw(use, this)) {
                bulkheads.tooLate(use);
            }
            if (bulkheads.heardSince(since)) {
                fail(new BusyException(silentFor));
            } else {
                TimeoutException silence = new TimeoutException(silentFor);
                bulkheads.unheard(silence);
                fail(silence);
            }
        }
    }

    /**
     * Notes whether the failure came from a Postgres that works.
     *
     * @param inTime false when the call was counted as late already
     */
    private Throwable judged(Throwable failure, boolean inTime) {
        @Nullable String state = null;
        boolean ours = false;
        for (Throwable cause = failure; cause != null && state == null; cause = cause.getCause()) {
            state = sqlState(cause);
            ours |= cause instanceof StoreFault;
        }
        if (state != null && TOO_SLOW.contains(state)) {
            bulkheads.heard();
            if (inTime) {
                bulkheads.tooLate(use);
            }
            return new BusyException("Postgres ended the statement: its time was over (" + use + ")");
        }
        boolean serves = ours || (state != null && state.length() == 5 && !NOT_SERVING.contains(state.substring(0, 2)));
        if (serves) {
            bulkheads.heard();
        } else {
            bulkheads.unheard(failure);
        }
        return failure;
    }

    /** A fresh duplicate on the caller's event loop, or on any. */
    private Context ownContext(@Nullable Context caller) {
        Context root = caller == null ? vertx.getOrCreateContext() : caller;
        return Objects.requireNonNull(VertxContext.createNewDuplicatedContext(root));
    }

    private static void back(@Nullable Context caller, Runnable end) {
        if (caller == null) {
            end.run();
        } else {
            caller.runOnContext(there -> end.run());
        }
    }

    private Throwable failure(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StoreFault || isFaultOfOurs(sqlState(cause))) {
                return failure;
            }
        }
        return unavailable.apply("Postgres did not answer", failure);
    }

    /** What Postgres said, as its client throws it or as Hibernate translates that. */
    private static @Nullable String sqlState(Throwable cause) {
        return switch (cause) {
            case PgException refused -> refused.getSqlState();
            case SQLException translated -> translated.getSQLState();
            default -> null;
        };
    }

    private static boolean isFaultOfOurs(@Nullable String sqlState) {
        return sqlState != null && sqlState.length() == 5 && FAULTS_OF_OURS.contains(sqlState.substring(0, 2));
    }
}
