package io.lockgate.route;

import java.util.Optional;
import java.util.Set;

/**
 * Which locks to list.
 *
 * @param routes only those on these routes; empty: on all
 */
public record RouteLockFilter(Optional<Set<String>> routes) {
    public RouteLockFilter {
        routes = routes.map(Set::copyOf);
    }
}
