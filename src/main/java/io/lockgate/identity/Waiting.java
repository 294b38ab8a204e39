package io.lockgate.identity;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * How long a call waits for what somebody else has, and whether it may go on waiting. A call that may not ends as if
 * its time were over.
 *
 * @param time at most, positive
 * @param isGone whether its client is known to have left; asked often, on any thread
 * @param isPermitted whether its caller may still have what it waits for; asked now and then, and a failure decides
 *     nothing
 */
public record Waiting(Duration time, BooleanSupplier isGone, Supplier<Uni<Boolean>> isPermitted) {
    /** @throws IllegalArgumentException when {@code time} is not positive */
    public Waiting {
        if (!time.isPositive()) {
            throw new IllegalArgumentException("not positive");
        }
    }
}
