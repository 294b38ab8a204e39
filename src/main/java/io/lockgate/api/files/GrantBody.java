package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A grant: the fields of the seeds in their order, then ours. */
record GrantBody(
        @JsonProperty("file_id") String fileId,
        @JsonProperty("stream_id") String streamId,
        @JsonProperty("snapshot_id") String snapshotId,
        List<String> mode,
        String offset,
        String size,
        @JsonProperty("owner_id") @Nullable String ownerId,
        @JsonProperty("owner_name") @Nullable String ownerName,
        @JsonProperty("owner_address") @Nullable String ownerAddress,
        @JsonProperty("node_address") @Nullable String nodeAddress,
        @JsonProperty("client_id") @Nullable String clientId,
        @JsonProperty("state_id") @Nullable String stateId,
        @JsonProperty("node_id") @Nullable Long nodeId,
        @JsonProperty("grant_id") @Nullable String grantId,
        @JsonProperty("fencing_token") @Nullable String fencingToken,
        @JsonProperty("expires_in_ms") @Nullable Long expiresInMs,
        Boolean provisional)
        implements JsonBody {}
