package io.lockgate.door.distribution;

import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.NotPermittedException;
import io.lockgate.distribution.ReadTooSlowException;
import io.lockgate.door.Door;
import io.lockgate.door.StoppingException;
import io.lockgate.door.Threshold;
import io.lockgate.door.Threshold.Shaped;
import io.lockgate.identity.IdentityUnavailableException;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;

/** Failure to answer, the framework's own failures included: none leaves this door in another shape. */
@Singleton
public final class DistributionDoor implements Door {
    private static final Logger LOG = Logger.getLogger(DistributionDoor.class);

    private final ErrorFormat format;

    DistributionDoor(ErrorFormat format) {
        this.format = format;
    }

    @Override
    public boolean owns(String path) {
        return isOurs(path);
    }

    /** Whether {@code path} belongs to this door. */
    static boolean isOurs(String path) {
        return Door.isUnder(path, "/data") || Door.isUnder(path, "/api/v3");
    }

    @Override
    public Response answer(RoutingContext exchange, Throwable failure) {
        return shaped(fault(exchange, failure)).response();
    }

    @Override
    public Response early(int status, String description) {
        return shared(shaped(Fault.early(status, description)).response());
    }

    /** A token that is too long is told as one (dialects.md 2.5). */
    @Override
    public Response headerTooLarge(String headerName, int limitBytes) {
        boolean token = headerName.equalsIgnoreCase("X-Auth-Token")
                || headerName.equalsIgnoreCase("Authorization")
                || headerName.equalsIgnoreCase("Macaroon");
        return shared(shaped(token ? Fault.tokenTooLarge(limitBytes) : Fault.early(431, Door.tooLarge(limitBytes)))
                .response());
    }

    /** Lets a page of any origin read the answer (dialects.md 2.1). */
    private static Response shared(Response response) {
        return Response.fromResponse(response)
                .header("Access-Control-Allow-Origin", "*")
                .header("Access-Control-Expose-Headers", "ETag, Retry-After")
                .build();
    }

    /** Answers at once, without Jakarta REST. */
    void send(RoutingContext exchange, Fault fault) {
        Threshold.send(exchange, shaped(fault));
    }

    Shaped shaped(Fault fault) {
        return new Shaped(fault.status(), fault.body(format), fault.status() == 503 ? 1L : null);
    }

    static Fault fault(RoutingContext exchange, Throwable failure) {
        return switch (failure) {
            case Refused e -> e.fault();
            case NotPermittedException e -> Fault.FORBIDDEN;
            case IdentityUnavailableException e -> Fault.UNAVAILABLE;
            case MapUnavailableException e -> {
                LOG.debug("reports unavailable", e);
                yield Fault.UNAVAILABLE;
            }
            case ReadTooSlowException e -> Fault.UNAVAILABLE;
            case StoppingException e -> Fault.UNAVAILABLE;
            case WebApplicationException e -> Fault.ofStatus(e.getResponse().getStatus());
            case HttpException e -> Fault.ofStatus(e.getStatusCode());
            default -> {
                LOG.errorf(failure, "%s %s failed", exchange.request().method(), exchange.normalizedPath());
                yield Fault.INTERNAL;
            }
        };
    }
}
