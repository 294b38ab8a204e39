package io.lockgate.http;

import io.lockgate.identity.Credential;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/**
 * What identity must know of a door. The first guard that owns a path decides; a path that nobody owns is closed.
 *
 * <p>Paths are normalised, as the router matches them: without dot segments, needless percent-encoding and doubled slashes. So
 * there is no spelling by which a request reaches a resource past its guard.
 */
public interface AuthenticationPolicy {
    /** Whether {@code path} belongs to this door, known or not. */
    boolean owns(String path);

    /** Whether that call needs no credential. */
    boolean isOpen(String method, String path);

    /** The credential that decides for that call. */
    Optional<Credential> carried(RoutingContext exchange, String method, String path);

    /** Answers the request in this door's shape. */
    void refuse(RoutingContext exchange, AuthenticationFailure why);
}
