package io.lockgate.api.admin;

import io.lockgate.http.CurrentCaller;
import io.lockgate.http.PathSegments;
import io.lockgate.http.Percent;
import io.lockgate.http.ProblemException;
import io.lockgate.http.Recipient;
import io.lockgate.identity.Caller;
import io.lockgate.route.RouteAcquisition;
import io.lockgate.route.RouteClaim;
import io.lockgate.route.RouteLockId;
import io.lockgate.route.RouteLocks;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * Locks on routes. Bodies come as bytes, so that who may do nothing is told so before anything is said about what was sent.
 */
@Path("/admin")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "route locks")
public class RouteLocksResource {
    private static final Logger LOG = Logger.getLogger(RouteLocksResource.class);

    private final RouteLocks locks;
    private final AdminLimits limits;

    RouteLocksResource(RouteLocks locks, AdminLimits limits) {
        this.locks = locks;
        this.limits = limits;
    }

    @POST
    @Cancellable(false)
    @Path("/lock")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "lockRoute",
            summary = "Take a lock on a resource of a route.",
            description = "It stands until it is removed. Taking one's own again is a success too.")
    @RequestBody(content = @Content(schema = @Schema(implementation = RouteLockBody.class)), required = true)
    @APIResponse(
            responseCode = "200",
            description = "The caller holds it.",
            content = @Content(schema = @Schema(implementation = AdminBody.class)))
    @APIResponse(
            responseCode = "409",
            description = "Another user holds it.",
            content = @Content(schema = @Schema(implementation = AdminBody.class)))
    public Uni<Response> lock(byte @Nullable [] body, @Context RoutingContext exchange) {
        Caller caller = CurrentCaller.confirmed(exchange);
        locks.requireManage(caller);
        Recipient client = Recipient.of(exchange);
        return locks.acquire(caller, RouteLockRequestParser.read(body, limits.bodyLimit()))
                .invoke(outcome -> {
                    if (outcome instanceof RouteAcquisition.Held held) {
                        held.made().ifPresent(claim -> client.ifGone(() -> rollBack(claim)));
                    }
                })
                .map(AdminAnswers::of);
    }

    @DELETE
    @Cancellable(false)
    @Path("/remove-lock")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "unlockRoute", summary = "Remove one's own lock.")
    @RequestBody(content = @Content(schema = @Schema(implementation = RouteLockBody.class)), required = true)
    @APIResponse(
            responseCode = "200",
            description = "It is free.",
            content = @Content(schema = @Schema(implementation = AdminBody.class)))
    public Uni<Response> unlock(byte @Nullable [] body, @Context RoutingContext exchange) {
        Caller caller = CurrentCaller.confirmed(exchange);
        locks.requireManage(caller);
        return locks.release(caller, RouteLockRequestParser.read(body, limits.bodyLimit()))
                .map(AdminAnswers::of);
    }

    @GET
    @Path("/locks")
    @Operation(operationId = "listRouteLocks", summary = "List locks by route, then id, page by page.")
    @APIResponse(
            responseCode = "200",
            description = "A page.",
            content = @Content(schema = @Schema(implementation = RouteLocksBody.class)))
    public Uni<Response> list(
            @Parameter(description = "Only locks of that route.", example = "volume") @QueryParam("route") @Nullable String route,
            @Parameter(
                            description = "Rows of this page; more than the greatest page is the greatest page.",
                            example = "100",
                            schema = @Schema(type = SchemaType.INTEGER, minimum = "1"))
                    @QueryParam("limit")
                    @Nullable String limit,
            @Parameter(description = "From next: rows after it.", example = "volume/1234")
                    @QueryParam("after")
                    @Nullable String after,
            @Context RoutingContext exchange) {
        Caller caller = CurrentCaller.confirmed(exchange);
        locks.requireManage(caller);
        Optional<String> one =
                Optional.ofNullable(route).filter(r -> !r.isEmpty()).map(r -> RouteLockRequestParser.name("route", r));
        int rows = rows(limit);
        int asked = Math.min(rows, RouteLockSlices.SLICE);
        return locks.list(caller, one, after(after), asked)
                .map(page -> page.next().isEmpty() || asked == rows
                        ? AdminAnswers.of(page, one, rows)
                        : RouteLockSlices.answer(
                                page, one, rows, (behind, most) -> locks.list(caller, one, behind, most)));
    }

    @DELETE
    @Cancellable(false)
    @Path("/locks/{route}/{id}")
    @Operation(
            operationId = "forceUnlockRoute",
            summary = "Remove anybody's lock, for a reason.",
            description = "Needs force-locks. Written to the audit trail first; without that nothing happens.")
    @APIResponse(
            responseCode = "200",
            description = "It is free.",
            content = @Content(schema = @Schema(implementation = AdminBody.class)))
    public Uni<Response> remove(
            @Parameter(description = "Base route, percent-encoded into one segment.", example = "volume")
                    @PathParam("route")
                    String route,
            @Parameter(description = "Resource on it, percent-encoded into one segment.", example = "1234")
                    @PathParam("id")
                    String id,
            @Parameter(description = "Must be true.", example = "true", schema = @Schema(type = SchemaType.BOOLEAN))
                    @QueryParam("force")
                    @Nullable String force,
            @Parameter(description = "Why, 1 to 256 bytes; kept in the audit trail.", example = "on holiday")
                    @QueryParam("reason")
                    @Nullable String reason,
            @Context RoutingContext exchange) {
        Caller caller = CurrentCaller.confirmed(exchange);
        locks.requireForce(caller);
        RouteLockId what =
                RouteLockRequestParser.id(PathSegments.segment(exchange, 2), PathSegments.segment(exchange, 3));
        if (force == null || force.isEmpty()) {
            throw ProblemException.missing("force");
        }
        if (!force.equals("true")) {
            throw ProblemException.field("force", "must be true: one's own locks go by /admin/remove-lock");
        }
        return locks.remove(caller, what, reason(reason)).map(AdminAnswers::of);
    }

    /** Behind the answer; nobody waits for it. */
    private void rollBack(RouteClaim claim) {
        locks.rollBack(claim)
                .subscribe()
                .with(
                        done -> LOG.debugf("route lock of a client that left: rolled back %s", done),
                        failure -> LOG.warnf(
                                "the route lock of a client that left could not be rolled back: %s",
                                failure.getMessage()));
    }

    private static String reason(@Nullable String reason) {
        return RouteLockRequestParser.name("reason", reason == null || reason.isBlank() ? null : reason);
    }

    private int rows(@Nullable String limit) {
        if (limit == null || limit.isEmpty()) {
            return limits.pageDefault();
        }
        if (limit.length() > 18 || !limit.chars().allMatch(c -> c >= '0' && c <= '9') || Long.parseLong(limit) == 0) {
            throw ProblemException.field("limit", "is no number from 1 on");
        }
        return Math.toIntExact(Math.min(limits.pageMax(), Long.parseLong(limit)));
    }

    private static Optional<RouteLockId> after(@Nullable String after) {
        if (after == null || after.isEmpty()) {
            return Optional.empty();
        }
        int slash = after.indexOf('/');
        Optional<String> route = slash < 0 ? Optional.empty() : Percent.decode(after.substring(0, slash));
        Optional<String> id = slash < 0 ? Optional.empty() : Percent.decode(after.substring(slash + 1));
        if (route.isEmpty() || id.isEmpty() || route.get().isEmpty() || id.get().isEmpty()) {
            throw ProblemException.field("after", "is not from a page before");
        }
        return Optional.of(RouteLockRequestParser.id(route.get(), id.get()));
    }
}
