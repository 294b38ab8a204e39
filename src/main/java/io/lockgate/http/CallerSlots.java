package io.lockgate.http;

import java.util.HashMap;
import java.util.Map;

/**
 * Places for bodies that are long under way, of one gateway. One caller gets half of them at most: one whose bodies
 * never come to an end keeps no other caller out. All methods may be called on any thread.
 */
public final class CallerSlots {
    private final int all;
    private final int perCaller;
    private final Map<String, Integer> taken = new HashMap<>();
    private int inUse;

    public CallerSlots(int all) {
        this.all = all;
        this.perCaller = Math.max(1, all / 2);
    }

    /** Takes a place; false when there is none for that caller. */
    public synchronized boolean tryEnter(String principal) {
        int own = taken.getOrDefault(principal, 0);
        if (inUse >= all || own >= perCaller) {
            return false;
        }
        inUse++;
        taken.put(principal, own + 1);
        return true;
    }

    public synchronized void leave(String principal) {
        inUse--;
        taken.computeIfPresent(principal, (same, own) -> own == 1 ? null : own - 1);
    }
}
