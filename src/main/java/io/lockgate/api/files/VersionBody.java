package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What answers here. */
record VersionBody(
        @JsonProperty("revision_id") String revisionId,
        @JsonProperty("build_id") String buildId,
        String flavor,
        @JsonProperty("build_date") String buildDate)
        implements JsonBody {}
