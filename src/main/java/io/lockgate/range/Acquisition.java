package io.lockgate.range;

/** The outcome of an acquire. Atomic: anything but {@link Granted} has changed nothing. */
public sealed interface Acquisition {
    /**
     * The lock stands.
     *
     * @param grant what it merged into
     * @param request for {@link RangeLockTable#rollBack}
     */
    record Granted(Grant grant, RequestId request) implements Acquisition {}

    record Refused(Conflict conflict) implements Acquisition {}

    /** The owner holds as many ranges in this space as one owner may. */
    record TooManyRanges(long limit) implements Acquisition {}

    /** The principal holds as many grants in the bucket of this space as one principal may. */
    record TooManyGrants(long limit) implements Acquisition {}
}
