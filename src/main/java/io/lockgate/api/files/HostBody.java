package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The name of an address. */
record HostBody(
        @Schema(description = "As it was asked.", examples = "10.0.0.7", required = true) @JsonProperty("ip_address")
        String ipAddress,

        @Schema(
                description = "Its name; empty when result is not OK.",
                examples = "client-7.example.org",
                required = true)
        String hostname,

        @Schema(
                description = "How the look-up ended.",
                examples = "OK",
                required = true,
                enumeration = {"OK", "NOT_FOUND", "ERROR", "TIMEOUT"})
        String result)
        implements JsonBody {}
