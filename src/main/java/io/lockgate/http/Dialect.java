package io.lockgate.http;

import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;

/** One REST dialect, as far as failures must know: which paths are its own, and what a failure looks like there. */
public interface Dialect {
    /** Whether {@code path} (raw, without query) belongs to this door, known or not. */
    boolean owns(String path);

    /** Whether {@code path} is {@code root}, with or without a trailing slash, or below it. */
    static boolean isUnder(String path, String root) {
        return path.startsWith(root) && (path.length() == root.length() || path.charAt(root.length()) == '/');
    }

    /**
     * The answer to a request of which only the path is known: its header is wrong or incomplete, or its body late.
     *
     * @param status 4xx or 5xx
     * @param description says what is wrong, without a full stop
     */
    Response early(int status, String description);

    /** The same for a header that is longer than {@code limitBytes}, where a field of that name made it so. */
    default Response headerTooLarge(String headerName, int limitBytes) {
        return early(431, tooLarge(limitBytes));
    }

    static String tooLarge(int limitBytes) {
        return "the header is longer than " + limitBytes + " bytes";
    }

    /** The answer to a request that ended in {@code failure}, whoever threw it. Logs what deserves it. */
    Response answer(RoutingContext exchange, Throwable failure);
}
