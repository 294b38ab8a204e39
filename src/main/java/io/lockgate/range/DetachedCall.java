package io.lockgate.range;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Work of several steps whose client may leave. One who waits is told at once that the table does not answer, and can
 * repeat the call; one who left cannot, and half of it would stay as it is.
 */
public final class DetachedCall {
    /** How long the work of a client who left is repeated while the table does not answer. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Duration PAUSE = Duration.ofMillis(500);

    private DetachedCall() {}

    /**
     * Does the work, and repeats it for a client who has left, up to 30 s, while the table does not answer.
     *
     * @param steps begins the work; safe to repeat
     * @param gone whether the client has left
     */
    public static <T> Uni<T> finish(Supplier<Uni<T>> steps, BooleanSupplier gone) {
        return attempt(steps, gone, System.nanoTime() + LIMIT.toNanos());
    }

    /** Without Mutiny's retry, whose parts are made for each call, while nearly every call succeeds at once. */
    private static <T> Uni<T> attempt(Supplier<Uni<T>> steps, BooleanSupplier gone, long until) {
        return Uni.createFrom()
                .deferred(steps::get)
                .onFailure(failure -> failure instanceof LockTableUnavailableException
                        && until - System.nanoTime() > PAUSE.toNanos()
                        && gone.getAsBoolean())
                .recoverWithUni(() -> Uni.createFrom()
                        .voidItem()
                        .onItem()
                        .delayIt()
                        .by(PAUSE)
                        .chain(() -> attempt(steps, gone, until)));
    }
}
