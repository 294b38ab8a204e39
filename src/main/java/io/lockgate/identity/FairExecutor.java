package io.lockgate.identity;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs so many pieces of work at once and lets the rest wait: a bounded number of a network and in all, fairly ({@link
 * NetworkQueue}), and no longer than {@code patience}. What has no place or no time left fails with {@link
 * TooManyException}: what one network fills refuses that network. Preferred work has a queue of its own and goes first,
 * but not for ever.
 *
 * <p>Work that has begun is not stopped when nobody waits for it any more.
 */
final class FairExecutor {
    /** After so many preferred ones in a row another has its turn. */
    private static final int PREFERRED_IN_A_ROW = 3;

    /**
     * The caller of a piece of work.
     *
     * @param network what shares one allowance
     * @param name within the network
     * @param preferred goes before others
     */
    record Asker(String network, String name, boolean preferred) {}

    /** There is no turn for this work. */
    static final class TooManyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManyException() {
            super("too many at once", null, false, false);
        }
    }

    private final class Work<T> {
        private final Supplier<Uni<T>> body;
        private final UniEmitter<? super T> emitter;
        private final long since = clock.read();

        Work(Supplier<Uni<T>> body, UniEmitter<? super T> emitter) {
            this.body = body;
            this.emitter = emitter;
        }

        void run() {
            Uni.createFrom()
                    .deferred(body::get)
                    .subscribe()
                    .with(
                            item -> {
                                ended();
                                emitter.complete(item);
                            },
                            failure -> {
                                ended();
                                emitter.fail(failure);
                            });
        }

        void refuse() {
            emitter.fail(new TooManyException());
        }
    }

    private final int atOnce;
    private final long patience;
    private final Ticker clock;

    /** Guarded by this, as all below. */
    private final NetworkQueue<Work<?>> preferred;

    private final NetworkQueue<Work<?>> others;
    private int running;
    private boolean looking;
    private int preferredInARow;

    FairExecutor(int atOnce, int perNetwork, int total, Duration patience, Ticker clock) {
        this.atOnce = atOnce;
        this.patience = patience.toNanos();
        this.clock = clock;
        this.preferred = new NetworkQueue<>(perNetwork, total);
        this.others = new NetworkQueue<>(perNetwork, total);
    }

    <T> Uni<T> run(Asker asker, Supplier<Uni<T>> body) {
        return Uni.createFrom().emitter(emitter -> enter(asker, new Work<>(body, emitter)));
    }

    /** Pieces of work that wait. */
    synchronized int waiting() {
        return preferred.size() + others.size();
    }

    private void enter(Asker asker, Work<?> work) {
        @Nullable Work<?> refused;
        synchronized (this) {
            if (running < atOnce) {
                running++;
                refused = null;
            } else {
                refused = (asker.preferred() ? preferred : others).offer(asker.network(), asker.name(), work);
                if (refused == null) {
                    lookLater();
                    return;
                }
            }
        }
        if (refused == null) {
            work.run();
        } else {
            refused.refuse();
        }
    }

    /** Work that hangs must not make those behind it wait longer than {@code patience}. Guarded by this. */
    private void lookLater() {
        if (!looking) {
            looking = true;
            CompletableFuture.delayedExecutor(patience, TimeUnit.NANOSECONDS).execute(this::look);
        }
    }

    private void look() {
        List<Work<?>> late;
        synchronized (this) {
            looking = false;
            late = late();
            if (preferred.size() + others.size() > 0) {
                lookLater();
            }
        }
        late.forEach(Work::refuse);
    }

    /** Takes out what has waited too long. Guarded by this. */
    private List<Work<?>> late() {
        long now = clock.read();
        List<Work<?>> late = new ArrayList<>(preferred.removeOldestWhile(work -> now - work.since > patience));
        late.addAll(others.removeOldestWhile(work -> now - work.since > patience));
        return late;
    }

    private void ended() {
        @Nullable Work<?> next;
        List<Work<?>> late;
        synchronized (this) {
            late = late();
            next = next();
            if (next == null) {
                running--;
            }
        }
        late.forEach(Work::refuse);
        if (next != null) {
            next.run();
        }
    }

    private @Nullable Work<?> next() {
        boolean others = preferredInARow >= PREFERRED_IN_A_ROW && this.others.size() > 0;
        if (preferred.size() > 0 && !others) {
            preferredInARow++;
            return preferred.poll();
        }
        preferredInARow = 0;
        return this.others.poll();
    }
}
