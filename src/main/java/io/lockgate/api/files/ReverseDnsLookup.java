package io.lockgate.api.files;

import io.lockgate.http.connection.IpAddress;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reverse look-ups of addresses, on threads of their own, because the platform's resolver blocks (and, unlike a DNS
 * client, also reads {@code /etc/hosts}). A look-up that takes too long is given up on, but its thread is busy until
 * the resolver returns; with all threads busy so, the others are {@code TIMEOUT} too.
 */
@Singleton
final class ReverseDnsLookup {
    private static final int MAX_QUEUED = 4_096;

    private final FilesLimits limits;
    private final ExecutorService threads;

    ReverseDnsLookup(FilesLimits limits) {
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

    /**
     * A row for each of {@code addresses}, in their order and as they were asked; never fails. Two spellings of one
     * address are one look-up; what is no address is {@code ERROR}, as the seed has it.
     */
    Uni<List<HostBody>> resolve(List<String> addresses) {
        Map<String, HostBody> found = new HashMap<>();
        Uni<Void> all = Multi.createFrom()
                .iterable(new LinkedHashSet<>(canonical(addresses)))
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
        Duration timeout = limits.dnsTimeout();
        return Uni.createFrom()
                .item(() -> lookUp(address))
                .runSubscriptionOn(threads)
                .ifNoItem()
                .after(timeout)
                .recoverWithItem(() -> new HostBody(address, "", "TIMEOUT"))
                .onFailure(RejectedExecutionException.class)
                .recoverWithItem(() -> new HostBody(address, "", "TIMEOUT"))
                .onFailure()
                .recoverWithItem(() -> new HostBody(address, "", "ERROR"));
    }

    private static List<String> canonical(List<String> addresses) {
        return addresses.stream()
                .flatMap(asked -> IpAddress.canonical(asked).stream())
                .toList();
    }

    private static HostBody lookUp(String text) {
        InetAddress address = InetAddress.ofLiteral(text);
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
            for (String asked : addresses) {
                rows.add(IpAddress.canonical(asked)
                        .map(address -> row(asked, found.get(address)))
                        .orElseGet(() -> new HostBody(asked, "", "ERROR")));
            }
        }
        return rows;
    }

    private static HostBody row(String asked, @Nullable HostBody found) {
        return found == null
                ? new HostBody(asked, "", "TIMEOUT")
                : new HostBody(asked, found.hostname(), found.result());
    }
}
