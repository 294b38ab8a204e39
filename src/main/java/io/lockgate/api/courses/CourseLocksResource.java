package io.lockgate.api.courses;

import io.lockgate.course.CourseLocks;
import io.lockgate.http.CurrentCaller;
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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * Locks on gadgets. Bodies come as bytes, so that who may do nothing is told so before anything is said about what was sent.
 */
@Path("/locks")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "course locks")
public class CourseLocksResource {
    private final CourseLocks locks;
    private final CoursesLimits limits;

    CourseLocksResource(CourseLocks locks, CoursesLimits limits) {
        this.locks = locks;
        this.limits = limits;
    }

    @GET
    @Operation(operationId = "listCourseLocks", summary = "List the locks of a course; not in pages.")
    @APIResponse(
            responseCode = "200",
            description = "The locks that stand, the oldest first.",
            content = @Content(schema = @Schema(implementation = CourseLockBody[].class)))
    public Uni<Response> list(
            @Parameter(
                            description = "Id of the course, or its internal int64 in decimal.",
                            example = "ab12cd",
                            required = true)
                    @QueryParam("subject.courseId")
                    @Nullable String courseKey,
            @Context RoutingContext exchange) {
        Caller caller = CurrentCaller.confirmed(exchange);
        locks.requireEdit(caller);
        return locks.list(caller, CourseRequestParser.name("subject.courseId", courseKey))
                .map(CoursesAnswers::of);
    }

    @POST
    @Cancellable(false)
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "acquireCourseLock",
            summary = "Lock a gadget for a while, or renew the lock.",
            description =
                    "A user has one lock: taking another gadget's releases it. The same again renews it and keeps its"
                            + " id. Needs a user's SID.")
    @RequestBody(content = @Content(schema = @Schema(implementation = LockRequestBody.class)), required = true)
    @APIResponse(
            responseCode = "201",
            description = "The lock.",
            content = @Content(schema = @Schema(implementation = CourseLockBody.class)))
    @APIResponse(
            responseCode = "403",
            description = "Another user holds it (Resource locked), or the caller lacks the permission.",
            content = @Content(schema = @Schema(implementation = CourseErrorBody.class)))
    public Uni<Response> acquire(byte @Nullable [] body, @Context RoutingContext exchange) {
        Caller caller = CurrentCaller.confirmed(exchange);
        locks.requireEditingUser(caller);
        CourseRequestParser.Subject subject = CourseRequestParser.read(body, limits.bodyLimit());
        return locks.acquire(caller, subject.courseKey(), subject.gadgetId()).map(CoursesAnswers::of);
    }

    @DELETE
    @Cancellable(false)
    @Path("/{lockId}")
    @Operation(operationId = "releaseCourseLock", summary = "Free a lock of one's own.")
    @APIResponse(
            responseCode = "200",
            description = "It is free; the body is an empty object.",
            content = @Content(schema = @Schema(type = SchemaType.OBJECT)))
    public Uni<Response> release(
            @Parameter(description = "Id of the lock.", example = "9001") @PathParam("lockId") String lockId,
            @Context RoutingContext exchange) {
        Caller caller = CurrentCaller.confirmed(exchange);
        locks.requireEditingUser(caller);
        return locks.release(caller, CourseRequestParser.lockId(PathSegments.segment(exchange, 1)))
                .map(CoursesAnswers::of);
    }
}
