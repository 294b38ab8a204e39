package io.lockgate.range;

/** The outcome of opening a session. */
public sealed interface SessionOpening {
    record Opened(Session session) implements SessionOpening {}

    /** The principal has as many sessions as one may have ({@code lockgate.limits.sessions-per-principal}). */
    record TooManySessions(int limit) implements SessionOpening {}
}
