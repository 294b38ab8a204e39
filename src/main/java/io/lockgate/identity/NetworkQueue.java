package io.lockgate.identity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue that is fair between networks, and within each between names: they have their turns one after the
 * other, and each is served in the order of arrival. When there is no room, whoever has most waiting gives way. Not for
 * several threads at once.
 */
final class NetworkQueue<T> {
    private final int perNetwork;
    private final int total;

    /** In the order of their turns; none is empty. */
    private final Map<String, Network<T>> networks = new LinkedHashMap<>();

    private int size;

    private static final class Network<T> {
        private final Map<String, ArrayDeque<T>> names = new LinkedHashMap<>();
        private int size;
    }

    /**
     * @param perNetwork items of one network
     * @param total items of all
     */
    NetworkQueue(int perNetwork, int total) {
        this.perNetwork = perNetwork;
        this.total = total;
    }

    int size() {
        return size;
    }

    /**
     * Takes {@code item} in; answers the item for which there is no room then: none, {@code item} itself, or the last
     * of a network or name that has more waiting.
     */
    @Nullable T offer(String network, String name, T item) {
        @Nullable Network<T> own = networks.get(network);
        int ownSize = own == null ? 0 : own.size;
        @Nullable T displaced = null;
        if (ownSize >= perNetwork) {
            displaced = displaceName(network, name);
        } else if (size >= total) {
            displaced = displaceNetwork(ownSize);
        } else {
            add(network, name, item);
            return null;
        }
        if (displaced == null) {
            return item;
        }
        add(network, name, item);
        return displaced;
    }

    /** The next in turn; none when all are served. */
    @Nullable T poll() {
        Iterator<Map.Entry<String, Network<T>>> turns = networks.entrySet().iterator();
        if (!turns.hasNext()) {
            return null;
        }
        Map.Entry<String, Network<T>> turn = turns.next();
        String key = turn.getKey();
        Network<T> network = turn.getValue();
        turns.remove();
        Iterator<Map.Entry<String, ArrayDeque<T>>> names =
                network.names.entrySet().iterator();
        Map.Entry<String, ArrayDeque<T>> first = names.next();
        String name = first.getKey();
        ArrayDeque<T> items = first.getValue();
        names.remove();
        T item = items.remove();
        network.size--;
        size--;
        if (!items.isEmpty()) {
            network.names.put(name, items);
        }
        if (network.size > 0) {
            networks.put(key, network);
        }
        return item;
    }

    /** Takes out the oldest of each name, as long as {@code condition} is true of them. */
    List<T> removeOldestWhile(Predicate<T> condition) {
        List<T> removed = new ArrayList<>();
        networks.values().removeIf(network -> {
            network.names.values().removeIf(items -> {
                while (!items.isEmpty() && condition.test(items.element())) {
                    removed.add(items.remove());
                    network.size--;
                    size--;
                }
                return items.isEmpty();
            });
            return network.size == 0;
        });
        return removed;
    }

    private void add(String network, String name, T item) {
        Network<T> own = networks.computeIfAbsent(network, first -> new Network<>());
        own.names.computeIfAbsent(name, first -> new ArrayDeque<>()).add(item);
        own.size++;
        size++;
    }

    /** The last item of the network with most, when that has more than {@code ownSize} and one. */
    private @Nullable T displaceNetwork(int ownSize) {
        @Nullable String largest = null;
        int most = ownSize + 1;
        for (Map.Entry<String, Network<T>> other : networks.entrySet()) {
            if (other.getValue().size > most) {
                largest = other.getKey();
                most = other.getValue().size;
            }
        }
        return largest == null ? null : takeLast(largest, largestName(largest, 0));
    }

    /** The last item of the name with most in one network, when that has more than {@code name} and one. */
    private @Nullable T displaceName(String network, String name) {
        @Nullable ArrayDeque<T> own = Objects.requireNonNull(networks.get(network)).names.get(name);
        @Nullable String largest = largestName(network, own == null ? 1 : own.size() + 1);
        return largest == null ? null : takeLast(network, largest);
    }

    private @Nullable String largestName(String network, int moreThan) {
        @Nullable String largest = null;
        int most = moreThan;
        for (Map.Entry<String, ArrayDeque<T>> other :
                Objects.requireNonNull(networks.get(network)).names.entrySet()) {
            if (other.getValue().size() > most) {
                largest = other.getKey();
                most = other.getValue().size();
            }
        }
        return largest;
    }

    private @Nullable T takeLast(String network, @Nullable String name) {
        Network<T> from = Objects.requireNonNull(networks.get(network));
        ArrayDeque<T> items = Objects.requireNonNull(from.names.get(Objects.requireNonNull(name)));
        T last = items.removeLast();
        from.size--;
        size--;
        if (items.isEmpty()) {
            from.names.remove(name);
        }
        if (from.size == 0) {
            networks.remove(network);
        }
        return last;
    }
}
