package io.lockgate.api.courses;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Every failure of this door. */
@RegisterForReflection
@Schema(description = "Every failure of the courses door.")
record CourseErrorBody(
        @Schema(description = "The status once more.", examples = "403", required = true)
        int error,

        @Schema(description = "What is wrong; clients show it.", examples = "Resource locked", required = true)
        String message) {}
