package io.lockgate.postgres;

import java.time.Duration;
import java.util.List;

/** Is told of the calls that a {@link PostgresLockQueue} holds, by the kind of their lock. */
public interface LockQueueObserver {
    /** The kinds of locks. */
    List<String> KINDS = List.of("route", "course");

    /** How a wait ended. */
    enum End {
        GRANTED,
        /** The time was over, the gateway stops, or the caller may no longer have it. */
        REFUSED,
        /** The client left. */
        GONE,
        /** Postgres did not answer. */
        FAILED
    }

    /** A call is held. */
    void began(String kind);

    /** One that began has ended. */
    void ended(String kind, End end, Duration waited);

    /** A call was not held: one user, or the gateway, holds as many as it may. */
    void tooMany(String kind);
}
