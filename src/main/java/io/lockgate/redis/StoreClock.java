package io.lockgate.redis;

/**
 * A guess at the store's clock, for the not-after time of calls and for nothing else: no deadline is ever compared with it. It
 * runs from the last time that Redis told, so it is behind by at most one reply's way, which errs on the side of "late".
 */
final class StoreClock {
    private record Seen(long storeMillis, long nanoTime) {}

    private volatile Seen seen = new Seen(System.currentTimeMillis(), System.nanoTime());

    void saw(long storeMillis) {
        seen = new Seen(storeMillis, System.nanoTime());
    }

    long nowMillis() {
        Seen last = seen;
        return last.storeMillis + (System.nanoTime() - last.nanoTime) / 1_000_000;
    }
}
