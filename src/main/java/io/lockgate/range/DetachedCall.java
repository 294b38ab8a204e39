package io.lockgate.range;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Work of several steps whose client may leave. One who waits is told at once that the table does not answer, and can
 * repeat the call; one who left cannot, and half of it would stay as it is.
 */
final class DetachedCall {
    /** How long the work of a client who left is repeated while the table does not answer. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Duration PAUSE = Duration.ofMillis(500);

    private DetachedCall() {}

    /**
     * @param steps begins the work; safe to repeat
     * @param gone whether the client has left
     */
    static <T> Uni<T> finish(Supplier<Uni<T>> steps, BooleanSupplier gone) {
        return Uni.createFrom()
                .deferred(steps::get)
                .onFailure(failure -> failure instanceof LockTableUnavailableException && gone.getAsBoolean())
                .retry()
                .withBackOff(PAUSE, PAUSE)
                .expireIn(LIMIT.toMillis());
    }
}
