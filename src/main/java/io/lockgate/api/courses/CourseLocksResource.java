package io.lockgate.api.courses;

import io.lockgate.course.CourseLocks;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.HttpRecipient;
import io.lockgate.http.PathSegments;
import io.lockgate.identity.Caller;
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
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * Locks on gadgets. The body is parsed after the permission check, so a caller without permission gets 403, never 400.
 */
@Path("/locks")
@Produces(MediaType.APPLICATION_JSON)
public class CourseLocksResource {
    private final CourseLocks locks;
    private final CoursesLimits limits;

    CourseLocksResource(CourseLocks locks, CoursesLimits limits) {
        this.locks = locks;
        this.limits = limits;
    }

    @GET
    public Uni<Response> list(
            @QueryParam("subject.courseId") @Nullable String courseKey, @Context RoutingContext context) {
        Caller caller = CurrentCaller.confirmed(context);
        locks.requireEdit(caller);
        return locks.list(caller, CourseRequestParser.name("subject.courseId", courseKey))
                .map(CoursesAnswers::of);
    }

    @POST
    @Cancellable(false)
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> acquire(byte @Nullable [] body, @Context RoutingContext context) {
        Caller caller = CurrentCaller.confirmed(context);
        locks.requireEditingUser(caller);
        CourseRequestParser.Subject subject = CourseRequestParser.read(body, limits.bodyLimit());
        return locks.acquire(
                        caller, subject.courseKey(), subject.gadgetId(), subject.waitTime(), HttpRecipient.of(context))
                .map(CoursesAnswers::of);
    }

    @DELETE
    @Cancellable(false)
    @Path("/{lockId}")
    public Uni<Response> release(@PathParam("lockId") String lockId, @Context RoutingContext context) {
        Caller caller = CurrentCaller.confirmed(context);
        locks.requireEditingUser(caller);
        return locks.release(caller, CourseRequestParser.lockId(PathSegments.segment(context, 1)))
                .map(CoursesAnswers::of);
    }
}
