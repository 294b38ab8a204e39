package io.lockgate.api.courses;

import io.lockgate.course.CourseLock;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A lock. */
@RegisterForReflection
@Schema(name = "CourseLock", description = "A lock.")
record CourseLockBody(
        @Schema(description = "For DELETE /locks/{lockId}: an int64 as a string.", examples = "9001", required = true)
        String id,

        @Schema(description = "Always gadget.", examples = "gadget", required = true)
        String type,

        @Schema(description = "What is locked.", required = true)
        SubjectBody subject,

        @Schema(description = "The user who holds it: an int64 as a string.", examples = "42", required = true)
        String ownerId,

        @Schema(description = "Milliseconds until it is free.", examples = "300000", required = true)
        long expiresIn) {

    static CourseLockBody of(CourseLock lock) {
        return new CourseLockBody(
                Long.toString(lock.id()),
                "gadget",
                new SubjectBody(lock.on().courseId(), lock.on().gadgetId()),
                Long.toString(lock.owner()),
                lock.expiresIn().toMillis());
    }
}
