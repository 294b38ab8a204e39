package io.lockgate.api.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What to lock, as a client wrote it: the one public client sends ids as strings when it locks, and as numbers when it unlocks
 * (docs/api-admin.md, "Identity").
 */
@RegisterForReflection
@Schema(name = "RouteLockRequest", description = "What to lock or to unlock.")
record RouteLockBody(
        @Schema(
                implementation = String.class,
                description = "Base route, 1 to 256 bytes.",
                examples = "volume",
                required = true)
        @Nullable JsonNode route,

        @Schema(
                implementation = String.class,
                description = "Resource on it, 1 to 256 bytes. A JSON integer is its decimal text, up to 2^53-1.",
                examples = "1234",
                required = true)
        @Nullable JsonNode id) {}
