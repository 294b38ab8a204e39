package io.lockgate.http;

import java.util.Map;

/**
 * An API whose answers a page of any origin may read: its credentials are headers that no browser sends of its own accord.
 */
public final class AnyOrigin {
    /** Headers of each answer, whoever gives it (W3C Fetch, CORS protocol). */
    public static final Map<String, String> HEADERS =
            Map.of("Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", "ETag, Retry-After");

    private AnyOrigin() {}
}
