package io.lockgate.redis.topology;

/**
 * A guess at the store's clock, for the not-after time of calls and for nothing else: no deadline is ever compared with
 * it. It runs from the last time that Redis told, so it is behind by at most one reply's way, which errs on the side of
 * "late".
 */
public final class StoreClock {
    private record Seen(long storeMillis, long nanoTime) {}

    /** Before Redis has told any: long ago, so that the first call comes back "late" and brings the time along. */
    private volatile Seen seen = new Seen(0, System.nanoTime());

    public void saw(long storeMillis) {
        seen = new Seen(storeMillis, System.nanoTime());
    }

    public long nowMillis() {
        Seen last = seen;
        return last.storeMillis + (System.nanoTime() - last.nanoTime) / 1_000_000;
    }
}
