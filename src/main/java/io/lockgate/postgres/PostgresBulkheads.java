package io.lockgate.postgres;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Divides the connections of the pool between the {@linkplain PostgresUse uses}. Each use has places of its own that no
 * other takes; the rest of the pool is shared. A call that finds no place waits in the queue of its use, which is
 * bounded. So a call that has begun never waits for a connection behind another use, and the queue of the pool itself
 * stays empty.
 *
 * <p>A place is held until the work has really ended: a statement that nobody waits for any more holds its connection
 * until Postgres ends it ({@code statement_timeout}), or until the connection is given up.
 *
 * <p>It also remembers when Postgres last said anything, in whatever use: a call that is too late while others are
 * answered was stopped by load or by a lock, one that is too late in silence by a server or network that is gone.
 */
public final class PostgresBulkheads {
    /** The smallest pool in which each use has a place. */
    public static final int MIN_CONNECTIONS = fewest();

    /** Calls of one use that may wait for a place at once; more fail at once. */
    public static final int MAX_WAITING = 1_000;

    private static final Logger LOG = Logger.getLogger(PostgresBulkheads.class);

    /** Of one use. */
    private static final class State {
        private final int places;
        private final Set<Runnable> waiting = new LinkedHashSet<>();
        private int running;
        private long refused;
        private long late;

        State(int places) {
            this.places = places;
        }
    }

    private final Map<PostgresUse, State> states = new EnumMap<>(PostgresUse.class);
    private final List<State> inTurn;
    private final int shared;
    private int sharedInUse;

    private volatile long heardAt = System.nanoTime();
    private volatile boolean silent;

    /** @param connections of the pool, at least {@link #MIN_CONNECTIONS} */
    public PostgresBulkheads(int connections) {
        if (connections < MIN_CONNECTIONS) {
            throw new IllegalArgumentException("fewer than " + MIN_CONNECTIONS + " connections");
        }
        boolean roomy = connections >= all();
        int own = 0;
        for (PostgresUse use : PostgresUse.values()) {
            int places = roomy ? use.places() : use.fewest();
            states.put(use, new State(places));
            own += places;
        }
        this.inTurn = List.copyOf(states.values());
        this.shared = connections - own;
    }

    /** Connections that only {@code use} takes. */
    public int places(PostgresUse use) {
        return state(use).places;
    }

    /** Calls of {@code use} that hold a connection, or have been given up and still do. */
    public synchronized int running(PostgresUse use) {
        return state(use).running;
    }

    /** Calls of {@code use} that wait for a connection. */
    public synchronized int waiting(PostgresUse use) {
        return state(use).waiting.size();
    }

    /** Calls of {@code use} that never got a connection: the queue was full, or their time was over in it. */
    public synchronized long refused(PostgresUse use) {
        return state(use).refused;
    }

    /** Calls of {@code use} whose time was over while they were at work. */
    public synchronized long late(PostgresUse use) {
        return state(use).late;
    }

    /** Calls that hold a connection. */
    public synchronized int running() {
        int sum = 0;
        for (State state : inTurn) {
            sum += state.running;
        }
        return sum;
    }

    /**
     * Runs {@code work} now or when there is a place, on the thread that frees it; {@code work} must not block and ends
     * with {@link #leave}. False when too many wait already: then it never runs.
     */
    boolean enter(PostgresUse use, Runnable work) {
        synchronized (this) {
            State state = state(use);
            if (!mayBegin(state)) {
                if (state.waiting.size() >= MAX_WAITING) {
                    state.refused++;
                    return false;
                }
                state.waiting.add(work);
                return true;
            }
            begin(state);
        }
        work.run();
        return true;
    }

    /** Takes back work that waits; false when it has begun. */
    synchronized boolean withdraw(PostgresUse use, Runnable work) {
        State state = state(use);
        if (state.waiting.remove(work)) {
            state.refused++;
            return true;
        }
        return false;
    }

    /**
     * Frees a place and begins what waits for it: of other uses first, so that one long queue does not keep what is
     * shared.
     */
    void leave(PostgresUse use) {
        List<Runnable> next = new ArrayList<>(1);
        synchronized (this) {
            State state = state(use);
            if (state.running > state.places) {
                sharedInUse--;
            }
            state.running--;
            int own = inTurn.indexOf(state);
            for (int i = 1; i <= inTurn.size(); i++) {
                State other = inTurn.get((own + i) % inTurn.size());
                while (!other.waiting.isEmpty() && mayBegin(other)) {
                    begin(other);
                    next.add(first(other.waiting));
                }
            }
        }
        next.forEach(Runnable::run);
    }

    /** A call at work was not answered in time. */
    synchronized void tooLate(PostgresUse use) {
        state(use).late++;
    }

    /** Postgres has answered something. */
    void heard() {
        heardAt = System.nanoTime();
        if (silent) {
            silent = false;
            LOG.info("Postgres answers again");
        }
    }

    /** Whether Postgres has answered anything since then ({@link System#nanoTime}). */
    boolean heardSince(long nanos) {
        return heardAt - nanos > 0;
    }

    /** A call found that Postgres is not there; told once, until it is. */
    void unheard(Throwable failure) {
        if (!silent) {
            silent = true;
            LOG.warnf("Postgres does not answer: %s", root(failure));
        }
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int i = 0; i < 10 && root.getCause() != null; i++) {
            root = root.getCause();
        }
        return root;
    }

    /** Whether the last thing found was that Postgres is not there. */
    boolean isSilent() {
        return silent;
    }

    private boolean mayBegin(State state) {
        return state.running < state.places || sharedInUse < shared;
    }

    private void begin(State state) {
        if (state.running >= state.places) {
            sharedInUse++;
        }
        state.running++;
    }

    private State state(PostgresUse use) {
        @Nullable State state = states.get(use);
        if (state == null) {
            throw new IllegalArgumentException("no such use");
        }
        return state;
    }

    private static Runnable first(Set<Runnable> waiting) {
        var all = waiting.iterator();
        Runnable first = all.next();
        all.remove();
        return first;
    }

    private static int all() {
        int sum = 0;
        for (PostgresUse use : PostgresUse.values()) {
            sum += use.places();
        }
        return sum;
    }

    private static int fewest() {
        int sum = 0;
        for (PostgresUse use : PostgresUse.values()) {
            sum += use.fewest();
        }
        return sum;
    }
}
