package io.lockgate.api.distribution;

import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.ReadTooSlowException;
import io.lockgate.http.AnyOrigin;
import io.lockgate.http.Dialect;
import io.lockgate.http.DialectFilter;
import io.lockgate.http.DialectFilter.Shaped;
import io.lockgate.http.LogText;
import io.lockgate.http.ShuttingDownException;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.range.TooManyRequestsException;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;

/** Failure to answer, the framework's own failures included: none leaves this door in another shape. */
@Singleton
public final class DistributionDialect implements Dialect {
    private static final Logger LOG = Logger.getLogger(DistributionDialect.class);

    private final ErrorFormat format;

    DistributionDialect(ErrorFormat format) {
        this.format = format;
    }

    @Override
    public boolean owns(String path) {
        return isOurs(path);
    }

    /** Whether {@code path} belongs to this door. */
    static boolean isOurs(String path) {
        return Dialect.isUnder(path, "/data") || Dialect.isUnder(path, "/api/v3");
    }

    @Override
    public Response answer(RoutingContext exchange, Throwable failure) {
        return shaped(fault(exchange, failure)).response();
    }

    @Override
    public Response early(int status, String description) {
        return shared(shaped(DistributionProblem.early(status, description)).response());
    }

    /** A token that is too long is told as one. */
    @Override
    public Response headerTooLarge(String headerName, int limitBytes) {
        boolean token = headerName.equalsIgnoreCase("X-Auth-Token")
                || headerName.equalsIgnoreCase("Authorization")
                || headerName.equalsIgnoreCase("Macaroon");
        return shared(shaped(
                        token
                                ? DistributionProblem.tokenTooLarge(limitBytes)
                                : DistributionProblem.early(431, Dialect.tooLarge(limitBytes)))
                .response());
    }

    /** Lets a page of any origin read the answer. */
    private static Response shared(Response response) {
        Response.ResponseBuilder readable = Response.fromResponse(response);
        AnyOrigin.HEADERS.forEach(readable::header);
        return readable.build();
    }

    /** Answers at once, without Jakarta REST. */
    void send(RoutingContext exchange, DistributionProblem fault) {
        DialectFilter.send(exchange, shaped(fault));
    }

    Shaped shaped(DistributionProblem fault) {
        boolean passing = fault.status() == 503 || fault.status() == 429;
        return new Shaped(fault.status(), fault.body(format), passing ? 1L : null);
    }

    static DistributionProblem fault(RoutingContext exchange, Throwable failure) {
        return switch (failure) {
            case DistributionProblemException e -> e.fault();
            case NotPermittedException e -> DistributionProblem.FORBIDDEN;
            case IdentityUnavailableException e -> DistributionProblem.UNAVAILABLE;
            case MapUnavailableException e -> {
                LOG.debug("reports unavailable", e);
                yield e.isUnderRepair() ? DistributionProblem.UNDER_REPAIR : DistributionProblem.UNAVAILABLE;
            }
            case ReadTooSlowException e -> DistributionProblem.UNAVAILABLE;
            case TooManyRequestsException e -> DistributionProblem.tooManyRequests(e.limit());
            case ShuttingDownException e -> DistributionProblem.UNAVAILABLE;
            case WebApplicationException e ->
                DistributionProblem.ofStatus(e.getResponse().getStatus());
            case HttpException e -> DistributionProblem.ofStatus(e.getStatusCode());
            default -> {
                LOG.errorf(failure, "%s failed", LogText.of(exchange));
                yield DistributionProblem.INTERNAL;
            }
        };
    }
}
