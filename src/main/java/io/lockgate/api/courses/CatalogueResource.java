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
import org.jboss.resteasy.reactive.server.Cancellable;

/** Makes courses and gadgets known. A body, if there is one, is not looked at. */
@Path("/courses")
@Produces(MediaType.APPLICATION_JSON)
public class CatalogueResource {
    private final CourseLocks locks;

    CatalogueResource(CourseLocks locks) {
        this.locks = locks;
    }

    @PUT
    @Cancellable(false)
    @Path("/{courseId}")
    public Uni<Response> putCourse(@PathParam("courseId") String courseId, @Context RoutingContext context) {
        Caller caller = caller(context);
        return locks.putCourse(caller, CourseRequestParser.courseId(PathSegments.segment(context, 1)))
                .map(CoursesAnswers::of);
    }

    @PUT
    @Cancellable(false)
    @Path("/{courseId}/gadgets/{gadgetId}")
    public Uni<Response> putGadget(
            @PathParam("courseId") String courseKey,
            @PathParam("gadgetId") String gadgetId,
            @Context RoutingContext context) {
        Caller caller = caller(context);
        return locks.putGadget(
                        caller,
                        CourseRequestParser.name("courseId", PathSegments.segment(context, 1)),
                        CourseRequestParser.name("gadgetId", PathSegments.segment(context, 3)))
                .map(CoursesAnswers::of);
    }

    private Caller caller(RoutingContext context) {
        Caller caller = CurrentCaller.confirmed(context);
        locks.requireCatalog(caller);
        return caller;
    }
}
