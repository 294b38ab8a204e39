package io.lockgate.testing;

import static io.lockgate.testing.LockClient.X;

import io.lockgate.range.LockModes;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Who holds each byte: shared holders counted by one, exclusive ones by {@link #EXCLUSIVE}. Told after a grant and
 * before its release, so what it sees held is held; it may miss a moment, but never invents one.
 */
public final class ConflictDetector {
    /** How many bytes of a space it watches. */
    public static final int BYTES = 24;

    private static final int EXCLUSIVE = 1 << 20;

    private final AtomicIntegerArray bytes = new AtomicIntegerArray(BYTES);
    private final AtomicLong grants = new AtomicLong();

    public void taken(LockModes modes, int first, int size) {
        grants.incrementAndGet();
        for (int i = first; i < first + size; i++) {
            int now = bytes.addAndGet(i, modes.equals(X) ? EXCLUSIVE : 1);
            if (now > EXCLUSIVE || (now < 0)) {
                throw new AssertionError("byte " + i + " has " + now / EXCLUSIVE + " exclusive and " + now % EXCLUSIVE
                        + " shared holders");
            }
        }
    }

    public void freed(LockModes modes, int first, int size) {
        for (int i = first; i < first + size; i++) {
            bytes.addAndGet(i, modes.equals(X) ? -EXCLUSIVE : -1);
        }
    }

    public long grants() {
        return grants.get();
    }
}
