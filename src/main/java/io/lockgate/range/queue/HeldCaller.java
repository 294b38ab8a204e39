package io.lockgate.range.queue;

import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.identity.Recipient;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Whose call is held, and whether it may go on: the client is there, and the caller's credential and permission are
 * still good. They are looked up again now and then. While the store of identities does not answer they stay good: a
 * call is held for a shorter time than an identity is remembered.
 */
final class HeldCaller {
    private final Recipient client;
    private final Uni<Void> check;
    private final long interval;
    private final AtomicLong checkedAt = new AtomicLong(System.nanoTime());
    private volatile boolean refused;

    /**
     * @param isPermitted whether the caller, as looked up again, may still have the lock
     * @param recheck how often that is asked while the call is held
     */
    HeldCaller(Recipient client, Predicate<Caller> isPermitted, Duration recheck) {
        this.client = client;
        this.interval = recheck.toNanos();
        this.check = client.caller()
                .invoke(caller -> {
                    if (!isPermitted.test(caller)) {
                        throw new NotPermittedException(Permission.LOCK_ACQUIRE);
                    }
                })
                .replaceWithVoid()
                .onFailure(IdentityUnavailableException.class)
                .recoverWithNull();
    }

    /** Whether the call is to end without an outcome. Asked often, on any thread; begins the checks. */
    boolean isOver() {
        long now = System.nanoTime();
        long last = checkedAt.get();
        if (now - last >= interval && checkedAt.compareAndSet(last, now)) {
            check.subscribe().with(permitted -> {}, failure -> refused = true);
        }
        return refused || client.isGone();
    }

    /** Fails as the first look-up would, or with {@link NotPermittedException}. */
    Uni<Void> requirePermitted() {
        return check;
    }
}
