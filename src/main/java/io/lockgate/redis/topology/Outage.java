package io.lockgate.redis.topology;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Whether a server's calls fail, for the log alone: one line at the beginning of an outage and one at its end, not one for
 * each call. Where some calls fail and others do not (one damaged key), it is one outage until none has failed for a
 * while. May be called on any thread.
 */
public final class Outage {
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final LongSupplier nanos;
    private final AtomicBoolean underWay = new AtomicBoolean();
    private final AtomicLong lastFailure = new AtomicLong();

    /** @param nanos the time, as {@link System#nanoTime} tells it */
    public Outage(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** A call failed; answers whether that is the beginning of an outage. */
    public boolean failed() {
        lastFailure.set(nanos.getAsLong());
        return underWay.compareAndSet(false, true);
    }

    /** A call was answered; answers whether that is the end of an outage. */
    public boolean answered() {
        return underWay.get()
                && nanos.getAsLong() - lastFailure.get() > QUIET_NANOS
                && underWay.compareAndSet(true, false);
    }
}
