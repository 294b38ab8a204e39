package io.lockgate.door;

import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;

/** One REST dialect, as far as failures must know: which paths are its own, and what a failure looks like there. */
public interface Door {
    /** Whether {@code path} (raw, without query) belongs to this door, known or not. */
    boolean owns(String path);

    /** The answer to a request that ended in {@code failure}, whoever threw it. Logs what deserves it. */
    Response answer(RoutingContext exchange, Throwable failure);
}
