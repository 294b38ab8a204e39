package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A renewal. */
record RenewBody(
        @Schema(
                description = "Lease from now in milliseconds, 1,000 to 86,400,000.",
                examples = "30000",
                required = true)
        @JsonProperty("lease_ms")
        @Nullable Long leaseMs)
        implements JsonBody {}
