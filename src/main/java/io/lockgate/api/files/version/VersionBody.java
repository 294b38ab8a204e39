package io.lockgate.api.files.version;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.lockgate.api.files.JsonBody;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** The version of the gateway. */
@RegisterForReflection
record VersionBody(
        @JsonProperty("revision_id") String revisionId,
        @JsonProperty("build_id") String buildId,
        String flavor,
        @JsonProperty("build_date") String buildDate)
        implements JsonBody {}
