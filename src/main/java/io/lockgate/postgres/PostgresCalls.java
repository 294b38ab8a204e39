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
 * <p>Hibernate Reactive keeps its session on the current Vert.x context and wants a duplicated one. A caller may be on the
 * context of an HTTP request (where two calls at once would share one session), on the root context of a Redis connection,
 * or on no context at all. So each call gets a duplicated context of its own, and its answer goes back to the caller's.
 *
 * <p>A call is detached from its caller: it goes on when the caller gives up or the time is over, and what it did stands.
 * Cancelling a chain of Hibernate Reactive would skip the closing of the session and lose a connection for good.
 */
final class PostgresCalls {
    /**
     * Classes of SQLSTATE that say the statement itself is wrong: data, constraint, syntax or names. They are faults of this
     * program; all else means that Postgres cannot serve now.
     */
    private static final Set<String> FAULTS_OF_OURS = Set.of("21", "22", "23", "42");

    /**
     * SQLSTATE of serialization_failure, deadlock_detected and unique_violation (somebody was faster, and another attempt sees
     * what they did): nothing has happened, and another attempt may succeed or say why not.
     */
    private static final Set<String> UNDONE_FOR_OTHERS = Set.of("40001", "40P01", "23505");

    private static final int MAX_RETRIES = 3;

    private final Vertx vertx;
    private final Duration timeout;
    private final BiFunction<String, Throwable, RuntimeException> unavailable;

    /**
     * @param timeout of one call as a whole
     * @param unavailable makes the exception by which the caller's room says that its store did not answer
     */
    PostgresCalls(Vertx vertx, Duration timeout, BiFunction<String, Throwable, RuntimeException> unavailable) {
        this.vertx = vertx;
        this.timeout = timeout;
        this.unavailable = unavailable;
    }

    /**
     * Runs {@code work} with a Panache session of its own, without a transaction: each statement commits by itself. What
     * fails is {@code unavailable}, but for faults of this program, which pass as they are.
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
        return Uni.createFrom()
                .emitter(emitter -> begin(
                        () -> Uni.createFrom()
                                .deferred(() -> Panache.withTransaction(work))
                                .onFailure(PostgresCalls::isUndoneForOthers)
                                .retry()
                                .atMost(MAX_RETRIES),
                        emitter,
                        ignored -> {}));
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
        @Nullable Context caller = Vertx.currentContext();
        Context own = ownContext(caller);
        VertxContextSafetyToggle.setContextSafe(own, true);
        own.runOnContext(begun -> {
            // An emitter takes the first end it is told and ignores the others.
            long timer = vertx.setTimer(
                    timeout.toMillis(),
                    fired ->
                            back(caller, () -> emitter.fail(failure(new TimeoutException("no answer in " + timeout)))));
            Uni.createFrom()
                    .deferred(work::get)
                    .subscribe()
                    .with(
                            item -> {
                                if (vertx.cancelTimer(timer)) {
                                    back(caller, () -> emitter.complete(item));
                                } else {
                                    late.accept(item);
                                }
                            },
                            failure -> {
                                vertx.cancelTimer(timer);
                                back(caller, () -> emitter.fail(failure(failure)));
                            });
        });
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
