package io.lockgate.dns;

import io.lockgate.hostname.HostName;
import io.lockgate.hostname.ReverseDns;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Reverse look-ups on threads of their own, because the platform's resolver blocks (and, unlike a DNS client, also
 * reads {@code /etc/hosts}). A look-up that takes too long is abandoned, but its thread is busy until the resolver
 * returns; while all threads are busy, the other look-ups time out too.
 */
@Singleton
final class PlatformReverseDns implements ReverseDns {
    private static final int MAX_QUEUED = 4_096;

    private final DnsLimits limits;
    private final ExecutorService threads;

    PlatformReverseDns(DnsLimits limits) {
        this.limits = limits;
        var pool = new ThreadPoolExecutor(
                limits.dnsConcurrency(),
                limits.dnsConcurrency(),
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_QUEUED),
                task -> {
                    Thread thread = new Thread(task, "lockgate-dns");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
    }

    @PreDestroy
    void stop() {
        threads.shutdownNow();
    }

    @Override
    public Uni<Map<String, HostName>> lookUp(Set<String> addresses) {
        Map<String, HostName> found = new HashMap<>();
        Uni<Void> all = Multi.createFrom()
                .iterable(addresses)
                .onItem()
                .transformToUni(address -> lookUp(address).invoke(name -> put(found, address, name)))
                .merge(limits.dnsConcurrency())
                .onItem()
                .ignoreAsUni();
        return all.ifNoItem()
                .after(limits.dnsDeadline())
                .recoverWithItem(() -> null)
                .map(ignored -> copy(found));
    }

    private Uni<HostName> lookUp(String address) {
        return Uni.createFrom()
                .item(() -> name(address))
                .runSubscriptionOn(threads)
                .ifNoItem()
                .after(limits.dnsTimeout())
                .recoverWithItem(HostName.TimedOut::new)
                .onFailure(RejectedExecutionException.class)
                .recoverWithItem(HostName.TimedOut::new)
                .onFailure()
                .recoverWithItem(HostName.Failed::new);
    }

    private static HostName name(String text) {
        InetAddress address = InetAddress.ofLiteral(text);
        // The JDK answers with the address itself when there is no name, or when the name does not lead back to it.
        String name = address.getCanonicalHostName();
        return name.equals(address.getHostAddress()) ? new HostName.None() : new HostName.Found(name);
    }

    private static void put(Map<String, HostName> found, String address, HostName name) {
        synchronized (found) {
            found.put(address, name);
        }
    }

    private static Map<String, HostName> copy(Map<String, HostName> found) {
        synchronized (found) {
            return Map.copyOf(found);
        }
    }
}
