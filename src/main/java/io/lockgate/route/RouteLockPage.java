package io.lockgate.route;

import java.util.List;
import java.util.Optional;

/**
 * Some locks, ordered by route, then id, byte for byte.
 *
 * @param next the last lock of this page, to go on after; empty when there are no more
 */
public record RouteLockPage(List<RouteLock> locks, Optional<RouteLockId> next) {
    public RouteLockPage {
        locks = List.copyOf(locks);
    }

    /** A page of what a table found when it was asked for one row more than {@code limit}. */
    static RouteLockPage of(List<RouteLock> found, int limit) {
        if (found.size() <= limit) {
            return new RouteLockPage(found, Optional.empty());
        }
        return new RouteLockPage(
                found.subList(0, limit), Optional.of(found.get(limit - 1).what()));
    }
}
