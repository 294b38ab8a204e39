package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An asked lock, as acquire, test and batch take it. What is nullable but required is checked by {@link LockRequestParser}. */
record LockBody(
        @Nullable List<@Nullable String> mode,
        @Nullable Decimal offset,
        @Nullable Decimal size,
        @JsonProperty("owner_id") @Nullable String ownerId,
        @JsonProperty("owner_name") @Nullable String ownerName,
        @JsonProperty("owner_address") @Nullable String ownerAddress,
        @JsonProperty("stream_id") @Nullable String streamId,
        @JsonProperty("snapshot_id") @Nullable String snapshotId,
        @JsonProperty("lease_ms") @Nullable Long leaseMs,
        @JsonProperty("session_id") @Nullable JsonNode sessionId,
        @JsonProperty("wait_ms") @Nullable JsonNode waitMs,
        @Nullable JsonNode reclaim,
        @Nullable JsonNode receipt,
        @Nullable JsonNode durability)
        implements JsonBody {}
