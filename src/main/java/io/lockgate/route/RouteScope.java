package io.lockgate.route;

import java.util.Set;

/**
 * The routes on which a permission holds.
 *
 * @param everywhere on all of them, whatever {@code routes} says
 * @param routes by their exact names
 */
public record RouteScope(boolean everywhere, Set<String> routes) {
    public static final RouteScope EVERYWHERE = new RouteScope(true, Set.of());
    public static final RouteScope NOWHERE = new RouteScope(false, Set.of());

    public RouteScope {
        routes = Set.copyOf(routes);
    }

    boolean covers(String route) {
        return everywhere || routes.contains(route);
    }

    boolean isEmpty() {
        return !everywhere && routes.isEmpty();
    }
}
