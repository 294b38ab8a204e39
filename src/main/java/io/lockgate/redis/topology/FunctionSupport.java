package io.lockgate.redis.topology;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether a server has the gateway's function library. Where it has not, and where nobody knows yet, scripts are sent
 * as scripts; so nobody waits for a library, and one that has vanished (a flush, an empty restart, another server
 * behind the address) costs one more question.
 */
public final class FunctionSupport {
    /** Afterwards a server that refused the library may be another, or set otherwise. */
    private static final long ABSENT_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** A library that is gone so soon after it was loaded may be on another server behind the same address: a pause. */
    private static final long FICKLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** For a server that is full: it refuses a function as a whole, a script at its first write. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long VISIT_NANOS = TimeUnit.HOURS.toNanos(1);

    private enum State {
        UNKNOWN,
        LOADING,
        LOADED,
        ABSENT
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.UNKNOWN);
    private volatile long absentUntil;
    private volatile long loadedSince;
    private volatile boolean paused;
    private volatile long pausedSince;
    private final AtomicLong visited = new AtomicLong(System.nanoTime() - VISIT_NANOS);

    /** Whether functions are called there now. */
    public boolean isUsed() {
        if (state.get() != State.LOADED) {
            return false;
        }
        if (paused) {
            paused = System.nanoTime() - pausedSince < PAUSE_NANOS;
        }
        return !paused;
    }

    /** Whether the caller is to load the library; true for one of those that ask. */
    public boolean beginLoading() {
        return state.compareAndSet(State.UNKNOWN, State.LOADING)
                || (state.get() == State.ABSENT
                        && System.nanoTime() - absentUntil > 0
                        && state.compareAndSet(State.ABSENT, State.LOADING));
    }

    /** The library is there. */
    public void loaded() {
        loadedSince = System.nanoTime();
        state.set(State.LOADED);
    }

    /** The server has no functions, or refuses them. */
    public void absent() {
        absentUntil = System.nanoTime() + ABSENT_NANOS;
        state.set(State.ABSENT);
    }

    /** Nobody knows whether the library was loaded. */
    public void unknown() {
        state.set(State.UNKNOWN);
    }

    /** The library is gone. Of many calls that find that the first counts, and none that finds it late. */
    public void gone() {
        if (System.nanoTime() - loadedSince < FICKLE_NANOS) {
            absentUntil = System.nanoTime() + FICKLE_NANOS;
            state.compareAndSet(State.LOADED, State.ABSENT);
        } else {
            state.compareAndSet(State.LOADED, State.UNKNOWN);
        }
    }

    /** Whether the caller is to look after the libraries of the server: once an hour, while functions are called. */
    public boolean beginVisit() {
        long last = visited.get();
        long now = System.nanoTime();
        return isUsed() && now - last >= VISIT_NANOS && visited.compareAndSet(last, now);
    }

    /** The server is full. */
    public void pause() {
        pausedSince = System.nanoTime();
        paused = true;
    }
}
