package io.lockgate.redis;

import io.lockgate.redis.topology.ServerTime;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One server's clock beside this process' monotonic one ({@link System#nanoTime}). It says when leases must not end,
 * never when one ends. A late visit (a long pause of this process) is no jump: both clocks have moved.
 *
 * <p>Not guaranteed: of a jump between two visits nothing is known before the second.
 */
final class ClockTrack {
    /** A difference up to this is none: servers and gateways are kept within a second by NTP. */
    static final long TOLERANCE_MILLIS = 2_000;

    /** How long a jump keeps leases from ending at most. */
    static final long HOLD_MILLIS = 30_000;

    /** Visits in a row at which the clock is back where it belongs. */
    private static final int AGREEING_VISITS = 2;

    /** NTP speeds a clock up or slows it down by 500 ppm at most. */
    private static final long DRIFT_ONE_IN = 2_000;

    /** Leases on the server. */
    enum Leases {
        /** End when their time is up. */
        END,
        /** Must not end for now. */
        HELD,
        /** May end again, for the clock is back. */
        RESUME,
        /** May end again, for the time is up: the clock as it is now counts. */
        GIVE_UP
    }

    /**
     * The outcome of a visit.
     *
     * @param jumpMillis how far the server's clock jumped since it was last believed, negative when back; 0 when it
     * did not
     * @param holdMillis for how long leases must not end from now on, 0 when they may
     * @param isNew whether this visit is the first to see the jump
     * @param isBack whether the clock is where it belongs at this visit: then leases are held no further than they are
     */
    record Verdict(Leases leases, long jumpMillis, long holdMillis, boolean isNew, boolean isBack) {
        private static final Verdict FINE = new Verdict(Leases.END, 0, 0, false, true);
    }

    /** The clock when it was last believed. */
    private ServerTime believed;

    private @Nullable Long heldSinceNanos;
    private long jump;
    private int agreeing;

    ClockTrack(ServerTime first) {
        this.believed = first;
    }

    ServerTime believed() {
        return believed;
    }

    Verdict visit(ServerTime time) {
        long moved = time.millis() - believed.millis();
        long least = TimeUnit.NANOSECONDS.toMillis(time.sentNanos() - believed.receivedNanos());
        long most = TimeUnit.NANOSECONDS.toMillis(time.receivedNanos() - believed.sentNanos()) + 1;
        long tolerance = TOLERANCE_MILLIS + most / DRIFT_ONE_IN;
        boolean forward = moved > most + tolerance;
        boolean agrees = !forward && moved >= least - tolerance;
        // Of what is possible the earlier time: it ends fewer leases.
        long jumped = forward ? moved - least : moved - most;
        Long since = heldSinceNanos;
        if (since == null) {
            if (agrees) {
                believed = time;
                return Verdict.FINE;
            }
            heldSinceNanos = time.receivedNanos();
            agreeing = 0;
            jump = jumped;
            return new Verdict(Leases.HELD, jump, HOLD_MILLIS, true, false);
        }
        long left = HOLD_MILLIS - TimeUnit.NANOSECONDS.toMillis(time.receivedNanos() - since);
        agreeing = agrees ? agreeing + 1 : 0;
        if (agreeing >= AGREEING_VISITS || left <= 0) {
            heldSinceNanos = null;
            believed = time;
            return new Verdict(agrees ? Leases.RESUME : Leases.GIVE_UP, jump, 0, false, agrees);
        }
        if (!agrees && Math.abs(jumped - jump) > TOLERANCE_MILLIS) {
            // It jumped once more.
            jump = jumped;
            return new Verdict(Leases.HELD, jump, left, true, false);
        }
        return new Verdict(Leases.HELD, jump, left, false, agrees);
    }
}
