package io.lockgate.range;

import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.identity.Recipient;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;

/**
 * The use cases of client sessions: who may do what, the audit entry before somebody else's session is ended, and the
 * end of a session that its client did not wait to be told of. All that is atomic is in the {@link SessionTable}.
 *
 * <p>Every method throws {@link NotPermittedException} when the caller lacks the permission, before anything is asked of
 * the table. An id is not a capability: to those who may not see it, somebody else's session does not exist.
 */
public final class Sessions {
    private final SessionTable table;
    private final AuditTrail audit;

    public Sessions(SessionTable table, AuditTrail audit) {
        this.table = table;
        this.audit = audit;
    }

    /**
     * Opens a session for the caller.
     *
     * @param client when it has left before the answer, the session is ended
     */
    public Uni<SessionOpening> open(LockRights rights, String ownerName, Duration ttl, Recipient client) {
        requireAcquire(rights);
        return of(rights).open(rights.principal(), ownerName, ttl).invoke(outcome -> {
            if (outcome instanceof SessionOpening.Opened(Session session)) {
                client.ifGone(
                        "session " + session.id(),
                        () -> table.end(session.id(), Optional.empty())
                                .map(ended -> ended instanceof SessionEnding.Ended));
            }
        });
    }

    /** A heartbeat of one of the caller's own sessions. */
    public Uni<SessionRenewal> renew(LockRights rights, SessionId id) {
        requireAcquire(rights);
        return of(rights).renew(id, rights.principal());
    }

    /** The live session with that id, if the caller may see it. */
    public Uni<Optional<Session>> find(LockRights rights, SessionId id) {
        if (!rights.acquires() && !rights.reads() && !rights.administers()) {
            throw new NotPermittedException(Permission.LOCK_READ);
        }
        return of(rights).find(id).map(found -> found.filter(session -> maySee(rights, session)));
    }

    /** Grants of a session that {@link #find} has shown. */
    public Uni<GrantPage> grants(LockRights rights, Session session, Cursor after, int limit) {
        return of(rights).grants(session.id(), after, limit);
    }

    /**
     * A page of live sessions; without the permission to read, only of the caller's own.
     *
     * @param mine whether only the caller's own are asked for
     */
    public Uni<SessionPage> list(LockRights rights, boolean mine, Optional<String> ownerName, Cursor after, int limit) {
        if (!rights.reads() && !(rights.acquires() && mine)) {
            throw new NotPermittedException(Permission.LOCK_READ);
        }
        Optional<String> principal = mine ? Optional.of(rights.principal()) : Optional.empty();
        return of(rights).list(principal, ownerName, after, limit);
    }

    /**
     * Ends one of the caller's own sessions; anybody's, audited, when the caller may break locks.
     *
     * @param client when it has left, the end is repeated until it is done, for 30 s
     */
    public Uni<SessionEnding> end(LockRights rights, SessionId id, Recipient client) {
        if (!rights.administers()) {
            requireAcquire(rights);
            return DetachedCall.finish(() -> of(rights).end(id, Optional.of(rights.principal())), client::isGone);
        }
        // An audit entry is for what is somebody else's.
        return of(rights).find(id).chain(found -> {
            Optional<Session> others = found.filter(session -> !owns(rights, session));
            if (others.isEmpty()) {
                return DetachedCall.finish(() -> of(rights).end(id, Optional.of(rights.principal())), client::isGone);
            }
            Session session = others.get();
            return audit.record(new AuditTrail.Entry(
                            rights.principal(),
                            "end-session",
                            id.toString(),
                            "principal=" + session.principal() + " owner_name=" + session.ownerName(),
                            Optional.empty()))
                    .chain(() -> DetachedCall.finish(() -> of(rights).end(id, Optional.empty()), client::isGone));
        });
    }

    private SessionTable of(LockRights rights) {
        return table.onBehalfOf(rights.principal());
    }

    private static boolean owns(LockRights rights, Session session) {
        return rights.principal().equals(session.principal());
    }

    private static boolean maySee(LockRights rights, Session session) {
        return rights.reads() || rights.administers() || owns(rights, session);
    }

    private static void requireAcquire(LockRights rights) {
        if (!rights.acquires()) {
            throw new NotPermittedException(Permission.LOCK_ACQUIRE);
        }
    }
}
