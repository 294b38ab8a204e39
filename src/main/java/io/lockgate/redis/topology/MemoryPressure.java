package io.lockgate.redis.topology;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether a server has refused to write for want of memory a moment ago. While it has, what must go on is sent at once
 * in the form that a full server takes; after the moment the usual form is tried again.
 */
public final class MemoryPressure {
    private static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final AtomicBoolean told = new AtomicBoolean();
    private volatile long refusedAt = System.nanoTime() - MOMENT_NANOS;

    /** It has refused a write; true for the first time since it was {@linkplain #wrote() last seen writing}. */
    public boolean refused() {
        refusedAt = System.nanoTime();
        return told.compareAndSet(false, true);
    }

    public boolean isFull() {
        return told.get() && System.nanoTime() - refusedAt < MOMENT_NANOS;
    }

    /** It has written what it could have refused; true for the first time since it {@linkplain #refused() refused}. */
    public boolean wrote() {
        return told.get() && told.compareAndSet(true, false);
    }
}
