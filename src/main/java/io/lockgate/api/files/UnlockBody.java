package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/** An asked release of a batch. */
record UnlockBody(
        @Nullable Decimal offset,
        @Nullable Decimal size,
        @JsonProperty("owner_id") @Nullable String ownerId,
        @JsonProperty("owner_name") @Nullable String ownerName,
        @JsonProperty("stream_id") @Nullable String streamId,
        @JsonProperty("snapshot_id") @Nullable String snapshotId)
        implements JsonBody {}
