package io.lockgate.api.admin;

import io.lockgate.http.CurrentCaller;
import io.lockgate.http.HttpRecipient;
import io.lockgate.http.PageLimit;
import io.lockgate.http.PathSegments;
import io.lockgate.http.Percent;
import io.lockgate.http.ProblemException;
import io.lockgate.identity.Caller;
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
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * Locks on routes. The body is parsed after the permission check, so a caller without permission gets 403, never 400.
 */
@Path("/admin")
@Produces(MediaType.APPLICATION_JSON)
public class RouteLocksResource {
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
    public Uni<Response> lock(byte @Nullable [] body, @Context RoutingContext context) {
        Caller caller = CurrentCaller.confirmed(context);
        locks.requireManage(caller);
        RouteLockRequestParser.Acquire asked = RouteLockRequestParser.readAcquire(body, limits.bodyLimit());
        return locks.acquire(caller, asked.what(), asked.waitTime(), HttpRecipient.of(context))
                .map(AdminAnswers::of);
    }

    @DELETE
    @Cancellable(false)
    @Path("/remove-lock")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> unlock(byte @Nullable [] body, @Context RoutingContext context) {
        Caller caller = CurrentCaller.confirmed(context);
        locks.requireManage(caller);
        return locks.release(caller, RouteLockRequestParser.read(body, limits.bodyLimit()))
                .map(AdminAnswers::of);
    }

    @GET
    @Path("/locks")
    public Uni<Response> list(
            @QueryParam("route") @Nullable String route,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("after") @Nullable String after,
            @Context RoutingContext context) {
        Caller caller = CurrentCaller.confirmed(context);
        locks.requireManage(caller);
        Optional<String> one =
                Optional.ofNullable(route).filter(r -> !r.isEmpty()).map(r -> RouteLockRequestParser.name("route", r));
        int rows = PageLimit.of(limit, limits.pageDefault(), limits.pageMax());
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
    public Uni<Response> breakLock(
            @PathParam("route") String route,
            @PathParam("id") String id,
            @QueryParam("force") @Nullable String force,
            @QueryParam("reason") @Nullable String reason,
            @Context RoutingContext context) {
        Caller caller = CurrentCaller.confirmed(context);
        locks.requireBreak(caller);
        RouteLockId what =
                RouteLockRequestParser.id(PathSegments.segment(context, 2), PathSegments.segment(context, 3));
        if (force == null || force.isEmpty()) {
            throw ProblemException.missing("force");
        }
        if (!force.equals("true")) {
            throw ProblemException.field("force", "must be true: one's own locks go by /admin/remove-lock");
        }
        return locks.breakLock(caller, what, reason(reason)).map(AdminAnswers::of);
    }

    private static String reason(@Nullable String reason) {
        return RouteLockRequestParser.name("reason", reason == null || reason.isBlank() ? null : reason);
    }

    private static Optional<RouteLockId> after(@Nullable String after) {
        if (after == null || after.isEmpty()) {
            return Optional.empty();
        }
        int slash = after.indexOf('/');
        Optional<String> route = slash < 0 ? Optional.empty() : Percent.decode(after.substring(0, slash));
        Optional<String> id = slash < 0 ? Optional.empty() : Percent.decode(after.substring(slash + 1));
        if (route.isEmpty() || id.isEmpty() || route.get().isEmpty() || id.get().isEmpty()) {
            throw ProblemException.field("after", "is not a cursor of this list");
        }
        return Optional.of(RouteLockRequestParser.id(route.get(), id.get()));
    }
}
