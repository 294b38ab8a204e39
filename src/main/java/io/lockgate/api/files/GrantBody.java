package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A grant: the fields of the seeds in their order, then ours. */
record GrantBody(
        @Schema(
                description = "File, unsigned 64-bit in decimal.",
                examples = "4000201",
                required = true,
                pattern = "[0-9]{1,20}")
        @JsonProperty("file_id")
        String fileId,

        @Schema(description = "Stream of the file.", examples = "1", required = true) @JsonProperty("stream_id")
        String streamId,

        @Schema(description = "Snapshot in decimal; empty at the head version.", examples = "", required = true)
        @JsonProperty("snapshot_id")
        String snapshotId,

        @Schema(
                description = "Modes, in the order of the enumeration: API_BYTE_RANGE_EXCLUSIVE,"
                        + " API_BYTE_RANGE_SHARED, API_BYTE_RANGE_READ_OP, API_BYTE_RANGE_WRITE_OP.",
                examples = {"[\"API_BYTE_RANGE_EXCLUSIVE\"]"},
                required = true)
        List<String> mode,

        @Schema(
                description = "First byte, unsigned 64-bit in decimal.",
                examples = "0",
                required = true,
                pattern = "[0-9]{1,20}")
        String offset,

        @Schema(
                description = "Length in bytes, unsigned 64-bit in decimal. 0: in nlm and nfs4 to 2^64-1, in smb a"
                        + " zero-length range.",
                examples = "4096",
                required = true,
                pattern = "[0-9]{1,20}")
        String size,

        @Schema(
                description = "The process or handle that holds the lock. Absent when the caller may not see it.",
                examples = "0a1b")
        @JsonProperty("owner_id")
        @Nullable String ownerId,

        @Schema(
                description =
                        "Name of the machine that holds the lock; may be empty. Absent when the caller may not see it.",
                examples = "client-7")
        @JsonProperty("owner_name")
        @Nullable String ownerName,

        @Schema(
                description = "IP address that the lock was taken from. Absent when the caller may not see it.",
                examples = "10.0.0.7")
        @JsonProperty("owner_address")
        @Nullable String ownerAddress,

        @Schema(
                description =
                        "IP address of the gateway node that took the request. Absent when the caller may not see it.",
                examples = "10.0.0.91")
        @JsonProperty("node_address")
        @Nullable String nodeAddress,

        @Schema(
                description =
                        "nfs4 only: the client machine, its owner_name or, when that is empty, its owner_address.",
                examples = "client-7")
        @JsonProperty("client_id")
        @Nullable String clientId,

        @Schema(description = "nfs4 only: the lock state; equal to grant_id.", examples = "7-0000010000000001")
        @JsonProperty("state_id")
        @Nullable String stateId,

        @Schema(description = "nfs4 only: number of the gateway node that answers.", examples = "1")
        @JsonProperty("node_id")
        @Nullable Long nodeId,

        @Schema(
                description = "Name of the grant, for GET, DELETE and renew. No capability. Absent when the caller may"
                        + " not see it.",
                examples = "7-0000010000000001")
        @JsonProperty("grant_id")
        @Nullable String grantId,

        @Schema(
                description = "Token of the grant, unsigned 64-bit in decimal, greater than every earlier one of the"
                        + " same file. Only for the owner.",
                examples = "1099511627777",
                pattern = "[0-9]{1,20}")
        @JsonProperty("fencing_token")
        @Nullable String fencingToken,

        @Schema(
                description = "Time left in milliseconds by the store's clock. Absent when the lock does not expire.",
                examples = "30000")
        @JsonProperty("expires_in_ms")
        @Nullable Long expiresInMs,

        @Schema(
                description = "Whether the grant must still be confirmed by renew.",
                examples = "false",
                required = true)
        Boolean provisional)
        implements JsonBody {}
