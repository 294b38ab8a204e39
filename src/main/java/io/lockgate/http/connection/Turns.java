package io.lockgate.http.connection;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Lets the requests of one event loop begin a few at a time and looks at all its sockets in between: one that must not
 * wait, such as a renewal, stands behind a handful of others and not behind all that have come before. Without it a loop
 * works off a whole round of its sockets, which may take longer than Redis has for an answer.
 *
 * <p>While no more come in one round than may, each goes at once and costs one task a round. Nobody is refused here, and
 * there wait no more than there are connections, over HTTP/2 no more than there are streams. Touched by the loop alone.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Nothing waits for the next turn but what is in it.
final class Turns {
    /** About a millisecond of work. */
    static final int OTHERS = 16;

    /** Bounded too: whoever sends nothing else must not keep all others waiting. */
    static final int URGENT = 32;

    private final EventExecutor loop;
    private final Queue urgent = new Queue(URGENT);
    private final Queue others = new Queue(OTHERS);
    private boolean nextIsSet;

    Turns(EventExecutor loop) {
        this.loop = loop;
    }

    /**
     * Whether a request may begin now; else it is run when it may.
     *
     * @param request begins it, and answers whether it has; one whose client has left takes no turn from others
     */
    boolean tryBegin(BooleanSupplier request, boolean isUrgent) {
        if (!nextIsSet) {
            nextIsSet = true;
            // Behind the sockets that are ready now.
            loop.execute(this::next);
        }
        return (isUrgent ? urgent : others).tryBegin(request);
    }

    /** How many wait. */
    int waiting() {
        return urgent.requests.size() + others.requests.size();
    }

    private void next() {
        nextIsSet = waiting() > 0;
        if (nextIsSet) {
            // Not by execute: that would run before the sockets are looked at.
            loop.schedule(this::next, 0, TimeUnit.NANOSECONDS);
        }
        urgent.next();
        others.next();
    }

    private static final class Queue {
        private final int most;
        private final ArrayDeque<BooleanSupplier> requests = new ArrayDeque<>();
        private int begun;

        Queue(int most) {
            this.most = most;
        }

        boolean tryBegin(BooleanSupplier request) {
            if (begun < most && requests.isEmpty()) {
                begun++;
                return true;
            }
            requests.add(request);
            return false;
        }

        void next() {
            begun = 0;
            for (int left = requests.size(); left > 0 && begun < most; left--) {
                if (requests.remove().getAsBoolean()) {
                    begun++;
                }
            }
        }
    }
}
