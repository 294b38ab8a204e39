package io.lockgate.door.files;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Reverse look-ups of addresses, on threads of their own, because the platform's resolver blocks (and, unlike a DNS
 * client, also reads {@code /etc/hosts}). A look-up that takes too long is given up on, but its thread is busy until
 * the resolver returns; with all threads busy so, the others are {@code TIMEOUT} too.
 */
@Singleton
final class HostNames {
    private static final int MAX_QUEUED = 4_096;

    private final FilesLimits limits;
    private final ExecutorService threads;

    HostNames(FilesLimits limits) {
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

    /** A row for each of {@code addresses}, in their order; never fails. */
    Uni<List<HostBody>> resolve(List<String> addresses) {
        Map<String, HostBody> found = new HashMap<>();
        Uni<Void> all = Multi.createFrom()
                .iterable(new LinkedHashSet<>(addresses))
                .onItem()
                .transformToUni(this::resolve)
                .merge(limits.dnsConcurrency())
                .invoke(row -> put(found, row))
                .onItem()
                .ignoreAsUni();
        return all.ifNoItem()
                .after(limits.dnsDeadline())
                .recoverWithItem(() -> null)
                .map(ignored -> rows(addresses, found));
    }

    private Uni<HostBody> resolve(String address) {
        InetAddress parsed;
        try {
            parsed = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            return Uni.createFrom().item(new HostBody(address, "", "ERROR"));
        }
        Duration timeout = limits.dnsTimeout();
        return Uni.createFrom()
                .item(() -> lookUp(address, parsed))
                .runSubscriptionOn(threads)
                .ifNoItem()
                .after(timeout)
                .recoverWithItem(() -> new HostBody(address, "", "TIMEOUT"))
                .onFailure(RejectedExecutionException.class)
                .recoverWithItem(() -> new HostBody(address, "", "TIMEOUT"))
                .onFailure()
                .recoverWithItem(() -> new HostBody(address, "", "ERROR"));
    }

    private static HostBody lookUp(String text, InetAddress address) {
        // The JDK answers with the address itself when there is no name, or when the name does not lead back to it.
        String name = address.getCanonicalHostName();
        return name.equals(address.getHostAddress())
                ? new HostBody(text, "", "NOT_FOUND")
                : new HostBody(text, name, "OK");
    }

    private static void put(Map<String, HostBody> found, HostBody row) {
        synchronized (found) {
            found.put(row.ipAddress(), row);
        }
    }

    private static List<HostBody> rows(List<String> addresses, Map<String, HostBody> found) {
        List<HostBody> rows = new ArrayList<>(addresses.size());
        synchronized (found) {
            for (String address : addresses) {
                rows.add(Objects.requireNonNullElseGet(found.get(address), () -> new HostBody(address, "", "TIMEOUT")));
            }
        }
        return rows;
    }
}
