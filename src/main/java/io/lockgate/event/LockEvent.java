package io.lockgate.event;

import java.time.Instant;
import java.util.OptionalLong;

/**
 * Something that happened to a lock.
 *
 * @param position in the log; positive, and greater than that of every event of the same lock before
 * @param scope route, or id of the course
 * @param name id on the route, or id of the gadget
 * @param user id of the user who got the lock, had it, or waits for it
 * @param username name of that user; empty when the user has been deleted since
 * @param lockId id of a course lock; none when a call was queued
 * @param at by the store's clock
 */
public record LockEvent(
        long position,
        Type type,
        Kind kind,
        String scope,
        String name,
        long user,
        String username,
        OptionalLong lockId,
        Instant at) {
    /** What happened. */
    public enum Type {
        GRANTED,
        /** A call waits for it. */
        QUEUED,
        /** By its holder, with its user, or because its holder could not be told of it. */
        RELEASED,
        /** About a second late at most. */
        EXPIRED,
        /** By an administrator. */
        BROKEN
    }

    /** What kind of lock it is. */
    public enum Kind {
        ROUTE,
        COURSE
    }
}
