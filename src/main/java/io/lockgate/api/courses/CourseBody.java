package io.lockgate.api.courses;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A course that is known. */
@RegisterForReflection
@Schema(name = "Course", description = "A course that is known.")
record CourseBody(
        @Schema(description = "Id of the course.", examples = "ab12cd", required = true)
        String courseId,

        @Schema(
                description = "The other key of the same course: an int64 as a string.",
                examples = "17",
                required = true)
        String internalId) {}
