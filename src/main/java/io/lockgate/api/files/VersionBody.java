package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What answers here. */
record VersionBody(
        @Schema(description = "Name and, after the last space, version.", examples = "Lockgate 1.0.0", required = true)
        @JsonProperty("revision_id")
        String revisionId,

        @Schema(description = "What was built.", examples = "1.0.0-SNAPSHOT", required = true) @JsonProperty("build_id")
        String buildId,

        @Schema(description = "release or debug.", examples = "release", required = true)
        String flavor,

        @Schema(description = "When it was built.", examples = "2025-01-01T00:00:00Z", required = true)
        @JsonProperty("build_date")
        String buildDate)
        implements JsonBody {}
