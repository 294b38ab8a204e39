package io.lockgate.http.connection;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Counts the connections of each network that have shown no good credential. A network is in the map while it has such
 * a connection, so the map is no longer than there are connections. All methods may be called on any thread.
 */
final class AnonymousConnections {
    private final int limit;
    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    /** @param limit for one network */
    AnonymousConnections(int limit) {
        this.limit = limit;
    }

    /** The place of one connection; leaving it twice counts once. */
    final class Place {
        private final String network;
        private final AtomicBoolean left = new AtomicBoolean();

        private Place(String network) {
            this.network = network;
        }

        void leave() {
            if (left.compareAndSet(false, true)) {
                counts.computeIfPresent(network, (same, count) -> count == 1 ? null : count - 1);
            }
        }
    }

    /** A place for one more connection of that network; empty when it has as many as it may. */
    Optional<Place> enter(String network) {
        AtomicBoolean entered = new AtomicBoolean();
        counts.compute(network, (same, count) -> {
            int before = count == null ? 0 : count;
            entered.set(before < limit);
            return Math.min(before + 1, limit);
        });
        return entered.get() ? Optional.of(new Place(network)) : Optional.empty();
    }

    /** Networks that have any. */
    int networks() {
        return counts.size();
    }
}
