package io.lockgate.api.admin;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Every answer of this door but those of lists, good or bad. */
@RegisterForReflection
@Schema(description = "Every answer of the admin door but lists.")
record AdminBody(
        @Schema(description = "What happened, for people.", examples = "Success", required = true)
        String data,

        @Schema(description = "The status once more.", examples = "200", required = true)
        int code) {}
