package io.lockgate.redis.topology;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Decides which calls go to one Redis server now and which wait, so that nobody's work keeps others waiting longer than
 * a fair share does. Shared by all event loops of a gateway.
 *
 * <p>Redis works off what it was sent in the order of arrival, so a share can only be kept before that: no more than a
 * <i>window</i> of work is under way at once, counted in acquires, with at least one call whatever it costs. While
 * there is room, a call goes at once and costs two comparisons. Beyond it each principal has a queue, and the principal
 * that has been given the least goes next, by cost, not by number of calls (start-time fair queueing: Goyal, Vin,
 * Cheng, <i>Start-time Fair Queuing</i>, SIGCOMM 1996). Who comes back after a pause begins at the virtual time of now:
 * unused shares are not saved up.
 *
 * <p>Calls under way and waiting take at most so many places. When all are taken, the last call of the principal with
 * the longest queue is refused, so that what one principal fills refuses that principal. Only principals with calls, or
 * with a debt against those that wait now, are known.
 */
public final class FairQueue {
    /** How often the waiting calls are looked through for those whose time is over. */
    public static final long LOOK_MILLIS = 50;

    /**
     * A call that waits. May be called by any thread; what tells of the call, and {@link #inVain}, also under the
     * queue's lock.
     */
    public interface Waiting {
        String principal();

        /** At least 1. */
        int cost();

        /** Whether its time is over, or another server decides now. Cheap; may be called by any thread. */
        boolean inVain();

        /** Its turn has come: it holds a place until {@link FairQueue#done}. */
        void start();

        /** All places were taken; it holds none. */
        void refuse();

        /** It waited {@link #inVain in vain}; it holds no place. */
        void leave();
    }

    /** Runs something later. */
    public interface Alarm {
        void after(long millis, Runnable action);
    }

    /** Those calls of one principal that wait. */
    private static final class Flow {
        private final String principal;
        private final ArrayDeque<Waiting> calls = new ArrayDeque<>();
        /** The virtual time at which its next call begins. */
        private long next;
        /** Among flows with the same time: who has waited longer. */
        private long turn;

        Flow(String principal, long next) {
            this.principal = principal;
            this.next = next;
        }
    }

    private final Object lock = new Object();
    private final int window;
    private final int places;
    private final Alarm alarm;
    private final Map<String, Flow> flows = new HashMap<>();
    private final PriorityQueue<Flow> order = new PriorityQueue<>(
            Comparator.comparingLong((Flow flow) -> flow.next).thenComparingLong(flow -> flow.turn));
    private int underWay;
    private long cost;
    private int waiting;
    private long virtualTime;
    private long turns;
    private boolean looking;

    /**
     * @param window cost of the calls under way from which on others wait
     * @param places calls under way and waiting together
     */
    public FairQueue(int window, int places, Alarm alarm) {
        this.window = window;
        this.places = places;
        this.alarm = alarm;
    }

    /** Whether a call may go at once, and then holds a place until {@link #done}; else it may {@link #await}. */
    public boolean tryBegin(int callCost) {
        synchronized (lock) {
            if (waiting > 0 || isFull()) {
                return false;
            }
            begin(callCost);
            return true;
        }
    }

    /** Lets a call wait for its turn: one of its three ends comes, and perhaps at once. */
    @SuppressWarnings("ReferenceEquality") // This very call is refused, or another.
    public void await(Waiting call) {
        List<Waiting> started;
        @Nullable Waiting refused = null;
        boolean look;
        synchronized (lock) {
            if (underWay + waiting >= places) {
                refused = crowdedOutBy(call);
            }
            if (refused != call) {
                flow(call.principal()).calls.add(call);
                waiting++;
            }
            // What was under way when it could not begin may have ended since.
            started = next();
            look = waiting > 0 && !looking;
            looking |= look;
        }
        if (look) {
            alarm.after(LOOK_MILLIS, this::look);
        }
        started.forEach(Waiting::start);
        if (refused != null) {
            refused.refuse();
        }
    }

    /** A call that held a place has ended. */
    public void done(int callCost) {
        List<Waiting> started;
        synchronized (lock) {
            underWay--;
            cost -= callCost;
            started = next();
        }
        started.forEach(Waiting::start);
    }

    /** How many wait. */
    public int waiting() {
        synchronized (lock) {
            return waiting;
        }
    }

    /** How many principals are known. */
    public int principals() {
        synchronized (lock) {
            return flows.size();
        }
    }

    private boolean isFull() {
        return cost >= window || underWay >= places;
    }

    private void begin(int callCost) {
        underWay++;
        cost += callCost;
    }

    private List<Waiting> next() {
        if (waiting == 0) {
            if (!flows.isEmpty() && !isFull()) {
                // Nobody is kept waiting by anybody: no debt counts.
                flows.clear();
                order.clear();
                virtualTime = 0;
            }
            return List.of();
        }
        if (isFull()) {
            return List.of();
        }
        List<Waiting> started = new ArrayList<>(1);
        while (waiting > 0 && !isFull()) {
            Flow flow = order.remove();
            Waiting call = flow.calls.poll();
            if (call == null) {
                flows.remove(flow.principal);
                continue;
            }
            virtualTime = flow.next;
            flow.next += call.cost();
            putInOrder(flow);
            waiting--;
            begin(call.cost());
            started.add(call);
        }
        return started;
    }

    private Flow flow(String principal) {
        Flow flow = flows.get(principal);
        if (flow == null) {
            if (flows.size() >= places) {
                forgetIdle();
            }
            flow = new Flow(principal, virtualTime);
            flows.put(principal, flow);
            putInOrder(flow);
        }
        return flow;
    }

    private void putInOrder(Flow flow) {
        flow.turn = turns++;
        order.add(flow);
    }

    private void forgetIdle() {
        flows.values().removeIf(flow -> flow.calls.isEmpty());
        order.removeIf(flow -> flow.calls.isEmpty());
    }

    /** Which call is to go when there are too many: {@code call} itself, unless another principal has more of them. */
    private Waiting crowdedOutBy(Waiting call) {
        Flow own = flows.get(call.principal());
        int most = own == null ? 0 : own.calls.size();
        Flow longest = null;
        for (Flow flow : flows.values()) {
            // A newcomer with nothing else waiting counts with itself.
            if (flow.calls.size() > Math.max(1, most)) {
                most = flow.calls.size();
                longest = flow;
            }
        }
        if (longest == null) {
            return call;
        }
        waiting--;
        return longest.calls.removeLast();
    }

    private void look() {
        List<Waiting> gone = new ArrayList<>();
        boolean again;
        synchronized (lock) {
            for (Flow flow : flows.values()) {
                flow.calls.removeIf(call -> call.inVain() && gone.add(call));
            }
            waiting -= gone.size();
            again = waiting > 0;
            looking = again;
        }
        if (again) {
            alarm.after(LOOK_MILLIS, this::look);
        }
        gone.forEach(Waiting::leave);
    }
}
