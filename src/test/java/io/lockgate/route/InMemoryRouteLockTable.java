package io.lockgate.route;

import io.lockgate.identity.Waiting;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The double of the table: everything under one monitor. */
final class InMemoryRouteLockTable implements RouteLockTable {
    private static final Duration LOOK = Duration.ofMillis(2);

    private final Set<Long> users;
    private final Map<RouteLockId, RouteLock> locks =
            new TreeMap<>(Comparator.comparing(RouteLockId::route).thenComparing(RouteLockId::id));

    /** The number of the call that wrote each lock last: grows with every acquire that its holder was told of. */
    private final Map<RouteLockId, Long> versions = new HashMap<>();

    private long lastVersion;

    private record Waiter(RouteLockId what, long user) {}

    private final TreeMap<Long, Waiter> queue = new TreeMap<>();
    private long lastPlace;

    InMemoryRouteLockTable(Set<Long> users) {
        this.users = users;
    }

    @Override
    public Uni<RouteAcquisition> acquire(RouteLockId what, long user) {
        return step(() -> decide(what, user, Long.MAX_VALUE));
    }

    @Override
    public Uni<RouteAcquisition> acquire(RouteLockId what, long user, Waiting waiting) {
        return acquire(what, user)
                .chain(outcome -> outcome instanceof RouteAcquisition.HeldByAnother
                        ? step(() -> enqueue(what, user)).chain(place -> await(place, waiting, System.nanoTime()))
                        : Uni.createFrom().item(outcome));
    }

    /** How many wait for it. */
    int waiting(RouteLockId what) {
        synchronized (this) {
            return (int) queue.values().stream()
                    .filter(waiter -> waiter.what().equals(what))
                    .count();
        }
    }

    private long enqueue(RouteLockId what, long user) {
        queue.put(++lastPlace, new Waiter(what, user));
        return lastPlace;
    }

    private Uni<RouteAcquisition> await(long place, Waiting waiting, long since) {
        return waiting.isPermitted().get().chain(permitted -> {
            RouteAcquisition outcome;
            synchronized (this) {
                Waiter waiter = Objects.requireNonNull(queue.get(place));
                outcome = decide(waiter.what(), waiter.user(), place);
                boolean over = !permitted
                        || waiting.isGone().getAsBoolean()
                        || System.nanoTime() - since > waiting.time().toNanos();
                if (over || !(outcome instanceof RouteAcquisition.HeldByAnother)) {
                    queue.remove(place);
                    return Uni.createFrom().item(outcome);
                }
            }
            return Uni.createFrom().voidItem().onItem().delayIt().by(LOOK).chain(() -> await(place, waiting, since));
        });
    }

    private RouteAcquisition decide(RouteLockId what, long user, long place) {
        if (!users.contains(user)) {
            return new RouteAcquisition.NoSuchUser();
        }
        RouteLock there = locks.get(what);
        boolean first = queue.headMap(place).values().stream()
                .noneMatch(waiter -> waiter.what().equals(what) && waiter.user() != user);
        if (there == null ? !first : there.holder() != user) {
            return new RouteAcquisition.HeldByAnother();
        }
        boolean made = locks.putIfAbsent(what, new RouteLock(what, user, "user", Instant.now())) == null;
        versions.put(what, ++lastVersion);
        return made
                ? new RouteAcquisition.Held(Optional.of(new RouteClaim(what, user, Long.toString(lastVersion))))
                : new RouteAcquisition.Held();
    }

    @Override
    public Uni<Boolean> rollBack(RouteClaim claim) {
        return step(() -> {
            RouteLock lock = locks.get(claim.what());
            boolean same = lock != null
                    && lock.holder() == claim.holder()
                    && claim.version().equals(String.valueOf(versions.get(claim.what())));
            return same && locks.remove(claim.what(), lock);
        });
    }

    @Override
    public Uni<RouteRelease> release(RouteLockId what, long user) {
        return step(() -> {
            if (!users.contains(user)) {
                return new RouteRelease.NoSuchUser();
            }
            RouteLock lock = locks.get(what);
            if (lock == null) {
                return new RouteRelease.NoSuchLock();
            }
            if (lock.holder() != user) {
                return new RouteRelease.NotYours();
            }
            locks.remove(what);
            return new RouteRelease.Released();
        });
    }

    @Override
    public Uni<Optional<RouteLock>> find(RouteLockId what) {
        return step(() -> Optional.ofNullable(locks.get(what)));
    }

    @Override
    public Uni<RouteRelease> breakLock(RouteLock lock) {
        return step(
                () -> locks.remove(lock.what(), lock) ? new RouteRelease.Released() : new RouteRelease.NoSuchLock());
    }

    @Override
    public Uni<List<RouteLock>> list(RouteLockFilter filter, Optional<RouteLockId> after, int limit) {
        return step(() -> locks.values().stream()
                .filter(lock -> filter.routes()
                        .map(routes -> routes.contains(lock.what().route()))
                        .orElse(true))
                .filter(lock -> after.map(last -> isAfter(lock.what(), last)).orElse(true))
                .limit(limit)
                .toList());
    }

    private static boolean isAfter(RouteLockId id, RouteLockId last) {
        int routes = id.route().compareTo(last.route());
        return routes > 0 || (routes == 0 && id.id().compareTo(last.id()) > 0);
    }

    private <T> Uni<T> step(Supplier<T> work) {
        return Uni.createFrom().item(() -> {
            synchronized (this) {
                return work.get();
            }
        });
    }
}
