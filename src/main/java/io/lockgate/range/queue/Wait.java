package io.lockgate.range.queue;

import io.lockgate.range.Owner;
import java.util.Set;

/**
 * A request that waits, and what must happen before it can be served, as it stood at one moment. {@code holders} must
 * release, and {@code behind} must be served first or give up. What one of {@code behind} waits for may be left out, and so
 * is all beyond {@link WaitGraph#MAX_NAMED} of a kind.
 *
 * @param since when it was queued, in milliseconds of the clock of its bucket's store
 * @param holders POSIX owners of locks in its way, confirmed or not; never its own
 * @param behind earlier POSIX requests of others in its way
 */
public record Wait(Waiter waiter, long since, Set<Owner> holders, Set<WaiterId> behind) {
    WaiterId id() {
        return waiter.id();
    }

    Owner owner() {
        return waiter.asked().owner();
    }

    /** Whether that request must be served first, or its owner must release something. */
    boolean waitsFor(Wait other) {
        return holders.contains(other.owner()) || behind.contains(other.id());
    }
}
