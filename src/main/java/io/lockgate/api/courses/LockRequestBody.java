package io.lockgate.api.courses;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What to lock. */
@RegisterForReflection
@Schema(name = "CourseLockRequest", description = "What to lock.")
record LockRequestBody(
        @Schema(description = "Always gadget.", examples = "gadget", required = true, enumeration = "gadget") @Nullable String type,

        @Schema(description = "Which one.", required = true) @Nullable SubjectBody subject) {}
