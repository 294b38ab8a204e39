package io.lockgate.api.courses;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A gadget of a course. */
@RegisterForReflection
@Schema(name = "CourseLockSubject", description = "A gadget of a course.")
record SubjectBody(
        @Schema(
                description = "Id of the course; in a request also its internal int64 in decimal.",
                examples = "ab12cd",
                required = true)
        @Nullable String courseId,

        @Schema(description = "Id of the gadget in it, 1 to 256 bytes.", examples = "g-7", required = true) @Nullable String gadgetId) {}
