package io.lockgate.hostname;

/** The outcome of a reverse look-up. */
public sealed interface HostName {
    /** The address has that name. */
    record Found(String name) implements HostName {}

    /** The address has no name, or its name does not lead back to it. */
    record None() implements HostName {}

    /** The look-up took too long. */
    record TimedOut() implements HostName {}

    /** The look-up failed. */
    record Failed() implements HostName {}
}
