package io.lockgate.http.connection;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Estimates the heap that requests of connections without a good credential take, from the first byte of a header to
 * the answer. Each may be within its limits and all together too many: when they take more than the limit, the
 * connection with most of the network with most is closed. All methods may be called on any thread.
 */
final class AnonymousMemory {
    /** Holders of less are not closed for others. */
    private static final long SMALL_BYTES = 16_384;

    private static final long LEAST_BYTES = 8 << 20;

    /**
     * What a field of a header takes beside its characters: entry, name and value, each an object (measured in the
     * native binary).
     */
    static final int FIELD_BYTES = 200;

    /** The share of the heap, as its denominator. */
    private static final int ONE_IN = 8;

    private final long limit;
    private final LongAdder closed;
    private final AtomicLong all = new AtomicLong();

    /** Held by connections that are being closed: it is free only when their event loop has come to that. */
    private final AtomicLong leaving = new AtomicLong();

    private final Set<Holder> large = ConcurrentHashMap.newKeySet();

    /**
     * @param limit bytes
     * @param closed counts connections that were closed for it
     */
    AnonymousMemory(long limit, LongAdder closed) {
        this.limit = limit;
        this.closed = closed;
    }

    /** As set, or an eighth of the heap, and at least 8 MiB. */
    static AnonymousMemory of(ConnectionLimits limits, LongAdder closed) {
        long set = (long) limits.anonymousMemory() << 20;
        long share = Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / ONE_IN);
        return new AnonymousMemory(set == 0 ? share : set, closed);
    }

    /** Bytes held now, without those of connections that are being closed. */
    long held() {
        return all.get();
    }

    /** One connection. */
    final class Holder {
        private final String network;
        private final Runnable close;
        private long bytes;
        private boolean closing;
        private boolean left;

        /** @param close closes the connection; called on any thread */
        Holder(String network, Runnable close) {
            this.network = network;
            this.close = close;
        }

        void take(long more) {
            synchronized (this) {
                if (left || closing) {
                    return;
                }
                bytes += more;
                if (bytes > SMALL_BYTES) {
                    large.add(this);
                }
            }
            if (all.addAndGet(more) > limit) {
                shed(this);
            }
            if (all.get() + leaving.get() > 2 * limit && large.contains(this)) {
                // Nothing has been freed yet, so a large connection that asks for more is closed.
                close();
            }
        }

        void give(long less) {
            synchronized (this) {
                if (left || closing) {
                    return;
                }
                bytes -= less;
                if (bytes <= SMALL_BYTES) {
                    large.remove(this);
                }
            }
            all.addAndGet(-less);
        }

        void giveAll() {
            give(bytes());
        }

        private void close() {
            synchronized (this) {
                if (left || closing) {
                    return;
                }
                closing = true;
                large.remove(this);
                leaving.addAndGet(bytes);
                all.addAndGet(-bytes);
            }
            closed.increment();
            close.run();
        }

        /** It counts no more: the connection has ended, or its client is known. */
        void leave() {
            synchronized (this) {
                if (left) {
                    return;
                }
                left = true;
                large.remove(this);
                (closing ? leaving : all).addAndGet(-bytes);
                bytes = 0;
            }
        }

        synchronized long bytes() {
            return bytes;
        }
    }

    private void shed(Holder asking) {
        while (all.get() > limit) {
            Holder victim = heaviest(asking).orElse(asking);
            victim.close();
            if (victim == asking) {
                return;
            }
        }
    }

    /** Among equals {@code asking} itself: its bytes are not decoded yet, so closing it frees at once. */
    private Optional<Holder> heaviest(Holder asking) {
        Map<String, Long> ofNetworks = new HashMap<>();
        Collection<Holder> holders = Set.copyOf(large);
        holders.forEach(holder -> ofNetworks.merge(holder.network, holder.bytes(), Long::sum));
        Optional<String> network =
                ofNetworks.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
        return network.flatMap(most -> holders.stream()
                .filter(holder -> holder.network.equals(most))
                .max(Comparator.comparingLong(Holder::bytes).thenComparing(asking::equals)));
    }
}
