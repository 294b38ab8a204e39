package io.lockgate.door.courses;

import io.lockgate.course.Acquisition;
import io.lockgate.course.Cataloguing;
import io.lockgate.course.Course;
import io.lockgate.course.CourseLock;
import io.lockgate.course.Gadget;
import io.lockgate.course.Listing;
import io.lockgate.course.Release;
import io.lockgate.door.Json;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;

/** Outcome to answer: one exhaustive switch for each kind of outcome. */
final class CoursesAnswers {
    private CoursesAnswers() {}

    static Response of(Acquisition outcome) {
        return switch (outcome) {
            case Acquisition.Held(CourseLock lock) -> json(201, CourseLockBody.of(lock));
            case Acquisition.HeldByAnother() -> failure(CoursesError.LOCKED, "");
            case Acquisition.NoSuchCourse(String key) -> failure(CoursesError.NO_SUCH_COURSE, key);
            case Acquisition.NoSuchGadget(String gadget) -> failure(CoursesError.NO_SUCH_GADGET, gadget);
            case Acquisition.NoSuchUser() -> failure(CoursesError.INVALID_CREDENTIALS, "");
        };
    }

    static Response of(Release outcome) {
        return switch (outcome) {
            case Release.Released() -> json(200, Map.of());
            case Release.NotYours() -> failure(CoursesError.NOT_PERMITTED, "");
            case Release.NoSuchLock(long id) -> failure(CoursesError.NO_SUCH_LOCK, Long.toString(id));
        };
    }

    static Response of(Listing outcome) {
        return switch (outcome) {
            case Listing.Found(List<CourseLock> locks) ->
                json(200, locks.stream().map(CourseLockBody::of).toList());
            case Listing.NoSuchCourse(String key) -> failure(CoursesError.NO_SUCH_COURSE, key);
        };
    }

    static Response of(Cataloguing outcome) {
        return switch (outcome) {
            case Cataloguing.CourseKnown(Course course) ->
                json(200, new CourseBody(course.id(), Long.toString(course.internalId())));
            case Cataloguing.GadgetKnown(Gadget gadget) ->
                json(200, new SubjectBody(gadget.courseId(), gadget.gadgetId()));
            case Cataloguing.NoSuchCourse(String key) -> failure(CoursesError.NO_SUCH_COURSE, key);
        };
    }

    static Response json(int status, Object body) {
        return Response.status(status)
                .header("Content-Type", "application/json")
                .entity(Json.write(body))
                .build();
    }

    private static Response failure(CoursesError error, String subject) {
        return json(error.status(), new CourseErrorBody(error.status(), error.message(subject)));
    }
}
