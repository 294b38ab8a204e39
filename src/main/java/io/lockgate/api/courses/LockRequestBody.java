package io.lockgate.api.courses;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/** The gadget to lock, and how long to wait for it. */
@RegisterForReflection
record LockRequestBody(
        @Nullable String type,
        @Nullable SubjectBody subject,
        @JsonProperty("wait_ms") @Nullable JsonNode waitMs) {}
