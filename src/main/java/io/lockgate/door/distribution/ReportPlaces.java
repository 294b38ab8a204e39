package io.lockgate.door.distribution;

import java.util.HashMap;
import java.util.Map;

/**
 * Places for reports that are being read at the same time, for one gateway. One caller gets half of them at most, so that reports
 * that never arrive whole keep no other caller out. All methods may be called on any thread.
 */
final class ReportPlaces {
    private final int all;
    private final int perCaller;
    private final Map<String, Integer> taken = new HashMap<>();
    private int inUse;

    ReportPlaces(int all) {
        this.all = all;
        this.perCaller = Math.max(1, all / 2);
    }

    /** Takes a place; false when there is none for that caller. */
    synchronized boolean tryEnter(String principal) {
        int own = taken.getOrDefault(principal, 0);
        if (inUse >= all || own >= perCaller) {
            return false;
        }
        inUse++;
        taken.put(principal, own + 1);
        return true;
    }

    synchronized void leave(String principal) {
        inUse--;
        taken.computeIfPresent(principal, (same, own) -> own == 1 ? null : own - 1);
    }
}
