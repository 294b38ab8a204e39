package io.lockgate.api.courses;

import io.lockgate.course.CatalogOutcome;
import io.lockgate.course.Course;
import io.lockgate.course.CourseAcquisition;
import io.lockgate.course.CourseListing;
import io.lockgate.course.CourseLock;
import io.lockgate.course.CourseRelease;
import io.lockgate.course.Gadget;
import io.lockgate.http.Json;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;

/** Outcome to answer: one exhaustive switch for each kind of outcome. */
final class CoursesAnswers {
    private CoursesAnswers() {}

    static Response of(CourseAcquisition outcome) {
        return switch (outcome) {
            case CourseAcquisition.Held held -> Json.response(201, CourseLockBody.of(held.lock()));
            case CourseAcquisition.HeldByAnother() -> failure(CoursesError.LOCKED, "");
            case CourseAcquisition.TooManyWaiting(boolean ofUser) ->
                Response.fromResponse(failure(ofUser ? CoursesError.TOO_MANY : CoursesError.UNAVAILABLE, ""))
                        .header("Retry-After", "1")
                        .build();
            case CourseAcquisition.NoSuchCourse(String key) -> failure(CoursesError.NO_SUCH_COURSE, key);
            case CourseAcquisition.NoSuchGadget(String gadget) -> failure(CoursesError.NO_SUCH_GADGET, gadget);
            case CourseAcquisition.NoSuchUser() -> failure(CoursesError.INVALID_CREDENTIALS, "");
        };
    }

    static Response of(CourseRelease outcome) {
        return switch (outcome) {
            case CourseRelease.Released() -> Json.response(200, Map.of());
            case CourseRelease.NotYours() -> failure(CoursesError.NOT_PERMITTED, "");
            case CourseRelease.NoSuchLock(long id) -> failure(CoursesError.NO_SUCH_LOCK, Long.toString(id));
        };
    }

    static Response of(CourseListing outcome) {
        return switch (outcome) {
            case CourseListing.Found(List<CourseLock> locks) ->
                Json.response(200, locks.stream().map(CourseLockBody::of).toList());
            case CourseListing.NoSuchCourse(String key) -> failure(CoursesError.NO_SUCH_COURSE, key);
        };
    }

    static Response of(CatalogOutcome outcome) {
        return switch (outcome) {
            case CatalogOutcome.CourseKnown(Course course) ->
                Json.response(200, new CourseBody(course.id(), Long.toString(course.internalId())));
            case CatalogOutcome.GadgetKnown(Gadget gadget) ->
                Json.response(200, new SubjectBody(gadget.courseId(), gadget.gadgetId()));
            case CatalogOutcome.NoSuchCourse(String key) -> failure(CoursesError.NO_SUCH_COURSE, key);
        };
    }

    private static Response failure(CoursesError error, String subject) {
        return Json.response(error.status(), new CourseErrorBody(error.status(), error.message(subject)));
    }
}
