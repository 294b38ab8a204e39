package io.lockgate.api.courses;

import io.lockgate.http.HeldCall;
import io.lockgate.http.Json;
import io.lockgate.http.ProblemException;
import io.lockgate.http.TextRules;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** From what a client wrote to values. */
final class CourseRequestParser {
    /** docs/api-courses.md, "Identifiers". Without a letter it would read as the internal id of some other course. */
    private static final Pattern COURSE_ID = Pattern.compile("(?=[0-9]*[a-z])[a-z0-9]{6,256}");

    private static final Pattern LOCK_ID = Pattern.compile("-?[0-9]{1,19}");

    private CourseRequestParser() {}

    /**
     * The gadget to lock; both ids are there.
     *
     * @param waitTime how long to wait for it
     */
    record Subject(String courseKey, String gadgetId, Duration waitTime) {}

    static Subject read(byte @Nullable [] body, int limit) {
        if (body != null && body.length > limit) {
            throw ProblemException.bodyTooLarge(limit);
        }
        LockRequestBody read = Json.read(body == null ? new byte[0] : body, LockRequestBody.class);
        if (!name("type", read.type()).equals("gadget")) {
            throw ProblemException.field("type", "is not gadget");
        }
        if (read.subject() == null) {
            throw ProblemException.missing("subject");
        }
        return new Subject(
                name("subject.courseId", read.subject().courseId()),
                name("subject.gadgetId", read.subject().gadgetId()),
                HeldCall.waitMs(read.waitMs()));
    }

    /** {@code text}, if it is a name and there. */
    static String name(String field, @Nullable String text) {
        if (text == null) {
            throw ProblemException.missing(field);
        }
        if (text.isEmpty()) {
            throw ProblemException.field(field, "is empty");
        }
        return TextRules.require(field, text);
    }

    static String courseId(String text) {
        if (!COURSE_ID.matcher(text).matches()) {
            throw ProblemException.field(
                    "courseId", "is not 6 to 256 lower-case letters and digits with at least one letter");
        }
        return text;
    }

    static long lockId(String text) {
        if (LOCK_ID.matcher(text).matches()) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException beyondInt64) {
                throw ProblemException.field("lockId", "is beyond 64 bits");
            }
        }
        throw ProblemException.field("lockId", "is no 64-bit number");
    }
}
