package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/** The question whether a token is still good. */
record FenceBody(
        @JsonProperty("file_id") @Nullable Decimal fileId,
        @JsonProperty("stream_id") @Nullable String streamId,
        @JsonProperty("snapshot_id") @Nullable String snapshotId,
        @Nullable Decimal offset,
        @Nullable Decimal size,
        @JsonProperty("fencing_token") @Nullable Decimal fencingToken)
        implements JsonBody {}
