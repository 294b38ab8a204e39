package io.lockgate.api.courses;

import io.lockgate.course.CourseLocks;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.PathSegments;
import io.lockgate.identity.Caller;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.server.Cancellable;

/** Makes courses and gadgets known. A body, if there is one, is not looked at. */
@Path("/courses")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "courses")
public class CatalogueResource {
    private final CourseLocks locks;

    CatalogueResource(CourseLocks locks) {
        this.locks = locks;
    }

    @PUT
    @Cancellable(false)
    @Path("/{courseId}")
    @Operation(operationId = "putCourse", summary = "Make a course known, or find it.")
    @APIResponse(
            responseCode = "200",
            description = "The course with both its keys.",
            content = @Content(schema = @Schema(implementation = CourseBody.class)))
    public Uni<Response> putCourse(
            @Parameter(
                            description =
                                    "Id of the course: 6 to 256 lower-case letters and digits, one of them a letter.",
                            example = "ab12cd")
                    @PathParam("courseId")
                    String courseId,
            @Context RoutingContext exchange) {
        Caller caller = caller(exchange);
        return locks.putCourse(caller, CourseRequestParser.courseId(PathSegments.segment(exchange, 1)))
                .map(CoursesAnswers::of);
    }

    @PUT
    @Cancellable(false)
    @Path("/{courseId}/gadgets/{gadgetId}")
    @Operation(operationId = "putGadget", summary = "Make a gadget of a known course known, or find it.")
    @APIResponse(
            responseCode = "200",
            description = "The gadget.",
            content = @Content(schema = @Schema(implementation = SubjectBody.class)))
    public Uni<Response> putGadget(
            @Parameter(description = "Id of the course, or its internal int64 in decimal.", example = "ab12cd")
                    @PathParam("courseId")
                    String courseKey,
            @Parameter(description = "Id of the gadget, percent-encoded into one segment.", example = "g-7")
                    @PathParam("gadgetId")
                    String gadgetId,
            @Context RoutingContext exchange) {
        Caller caller = caller(exchange);
        return locks.putGadget(
                        caller,
                        CourseRequestParser.name("courseId", PathSegments.segment(exchange, 1)),
                        CourseRequestParser.name("gadgetId", PathSegments.segment(exchange, 3)))
                .map(CoursesAnswers::of);
    }

    private Caller caller(RoutingContext exchange) {
        Caller caller = CurrentCaller.confirmed(exchange);
        locks.requireCatalog(caller);
        return caller;
    }
}
