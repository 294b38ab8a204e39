package io.lockgate.range;

/**
 * The session that a lock was asked for is not there: nothing was acquired. Thrown through the {@code Uni} of an
 * acquire, a test or a batch.
 */
public final class SessionGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String session;
    private final boolean wasKnown;

    private SessionGoneException(SessionId session, boolean wasKnown) {
        super("session " + session + (wasKnown ? " has ended" : " is not known"), null, false, false);
        this.session = session.toString();
        this.wasKnown = wasKnown;
    }

    /** It has expired or was ended, at most 10 minutes ago. */
    public static SessionGoneException ended(SessionId session) {
        return new SessionGoneException(session, true);
    }

    /** The owner of the lock has no such session. */
    public static SessionGoneException unknown(SessionId session) {
        return new SessionGoneException(session, false);
    }

    public String session() {
        return session;
    }

    /** Whether it was the caller's, and has ended. */
    public boolean wasKnown() {
        return wasKnown;
    }
}
