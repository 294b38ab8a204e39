package io.lockgate.door.distribution;

import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.NotPermittedException;
import io.lockgate.distribution.ReadTooSlowException;
import io.lockgate.door.Door;
import io.lockgate.door.StoppingException;
import io.lockgate.door.Threshold;
import io.lockgate.door.Threshold.Shaped;
import io.lockgate.http.AnyOrigin;
import io.lockgate.http.LogText;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.range.TooManyRequestsException;
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

    /** A token that is too long is told as one. */
    @Override
    public Response headerTooLarge(String headerName, int limitBytes) {
        boolean token = headerName.equalsIgnoreCase("X-Auth-Token")
                || headerName.equalsIgnoreCase("Authorization")
                || headerName.equalsIgnoreCase("Macaroon");
        return shared(shaped(token ? Fault.tokenTooLarge(limitBytes) : Fault.early(431, Door.tooLarge(limitBytes)))
                .response());
    }

    /** Lets a page of any origin read the answer. */
    private static Response shared(Response response) {
        Response.ResponseBuilder readable = Response.fromResponse(response);
        AnyOrigin.HEADERS.forEach(readable::header);
        return readable.build();
    }

    /** Answers at once, without Jakarta REST. */
    void send(RoutingContext exchange, Fault fault) {
        Threshold.send(exchange, shaped(fault));
    }

    Shaped shaped(Fault fault) {
        boolean passing = fault.status() == 503 || fault.status() == 429;
        return new Shaped(fault.status(), fault.body(format), passing ? 1L : null);
    }

    static Fault fault(RoutingContext exchange, Throwable failure) {
        return switch (failure) {
            case Refused e -> e.fault();
            case NotPermittedException e -> Fault.FORBIDDEN;
            case IdentityUnavailableException e -> Fault.UNAVAILABLE;
            case MapUnavailableException e -> {
                LOG.debug("reports unavailable", e);
                yield e.isUnderRepair() ? Fault.UNDER_REPAIR : Fault.UNAVAILABLE;
            }
            case ReadTooSlowException e -> Fault.UNAVAILABLE;
            case TooManyRequestsException e -> Fault.tooManyRequests(e.limit());
            case StoppingException e -> Fault.UNAVAILABLE;
            case WebApplicationException e -> Fault.ofStatus(e.getResponse().getStatus());
            case HttpException e -> Fault.ofStatus(e.getStatusCode());
            default -> {
                LOG.errorf(failure, "%s failed", LogText.of(exchange));
                yield Fault.INTERNAL;
            }
        };
    }
}
