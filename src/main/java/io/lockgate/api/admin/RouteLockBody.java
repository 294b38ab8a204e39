package io.lockgate.api.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/**
 * What to lock, as a client wrote it: the one public client sends ids as strings when it locks, and as numbers when it
 * unlocks (docs/api-admin.md, "Identity").
 *
 * @param waitMs only when it locks
 */
@RegisterForReflection
record RouteLockBody(
        @Nullable JsonNode route,
        @Nullable JsonNode id,
        @JsonProperty("wait_ms") @Nullable JsonNode waitMs) {}
