package io.lockgate.range.queue;

import io.lockgate.range.Owner;
import java.util.Set;

/**
 * What one request waits for, as it stood at one moment. Not all of it: what another that it names waits for may be left
 * out, and all beyond {@link WaitGraph#MAX_NAMED} of a kind.
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

    /** Whether it cannot be served before that one: its owner must release something, or it comes first. */
    boolean isOn(Wait other) {
        return holders.contains(other.owner()) || behind.contains(other.id());
    }
}
