package io.lockgate.range;

/** The outcome of ending a session. */
public sealed interface SessionEnding {
    /** Its locks are free in every bucket. Answered again for 10 minutes, also when it had expired. */
    record Ended() implements SessionEnding {}

    /** No session of this caller has this id, or it ended more than 10 minutes ago. */
    record NoSuchSession() implements SessionEnding {}
}
