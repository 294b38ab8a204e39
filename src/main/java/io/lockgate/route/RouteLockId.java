package io.lockgate.route;

import java.nio.charset.StandardCharsets;

/**
 * What is locked. Two parts that are never glued together, so no two pairs are one lock; both compare byte for byte
 * (docs/api-admin.md, "Identity").
 *
 * @param route base route, 1 to {@value #MAX_BYTES} bytes of UTF-8
 * @param id of the resource on it, 1 to {@value #MAX_BYTES} bytes of UTF-8; a number is its decimal text
 */
public record RouteLockId(String route, String id) {
    public static final int MAX_BYTES = 256;

    /**
     * @throws IllegalArgumentException when a part is empty or too long
     */
    public RouteLockId {
        require(route);
        require(id);
    }

    @Override
    public String toString() {
        return route + " " + id;
    }

    private static void require(String part) {
        if (part.isEmpty() || part.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IllegalArgumentException("a route or an id is 1 to " + MAX_BYTES + " bytes long");
        }
    }
}
