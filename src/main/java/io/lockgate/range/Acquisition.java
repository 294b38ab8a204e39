package io.lockgate.range;

import java.util.List;

/** The outcome of an acquire. Atomic: anything but {@link Granted} has changed nothing. */
public sealed interface Acquisition {
    /**
     * The lock stands.
     *
     * @param grant what it merged into
     * @param changed other grants of the same owner that the call has cut or made, by their first bytes; two at most
     * @param request for {@link RangeLockTable#rollBack}
     */
    record Granted(Grant grant, List<Grant> changed, RequestId request) implements Acquisition {
        public Granted {
            changed = ChangedGrants.inOrder(changed);
        }
    }

    record Refused(Conflict conflict) implements Acquisition {}

    /** The owner holds as many ranges in this space as one owner may. */
    record TooManyRanges(long limit) implements Acquisition {}

    /** The principal holds as many grants in the bucket of this space as one principal may. */
    record TooManyGrants(long limit) implements Acquisition {}
}
