package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** An asked lock, as acquire, test and batch take it. What is nullable but required is checked by {@link LockRequestParser}. */
record LockBody(
        @Schema(
                description = "Modes; the strongest counts. EXCLUSIVE and WRITE_OP conflict with every lock of"
                        + " another owner, SHARED and READ_OP only with those two.",
                examples = {"[\"API_BYTE_RANGE_EXCLUSIVE\"]"},
                required = true)
        @Nullable List<@Nullable String> mode,

        @Schema(description = "First byte, unsigned 64-bit.", examples = "0", required = true) @Nullable Decimal offset,

        @Schema(
                description = "Length in bytes, unsigned 64-bit; offset + size at most 2^64. 0: in nlm and nfs4 to"
                        + " 2^64-1, in smb a zero-length range.",
                examples = "4096",
                required = true)
        @Nullable Decimal size,

        @Schema(
                description = "Opaque id of the process or handle, 1 to 256 bytes, no control characters.",
                examples = "0a1b",
                required = true)
        @JsonProperty("owner_id")
        @Nullable String ownerId,

        @Schema(description = "Name of the machine, up to 256 bytes; default empty.", examples = "client-7")
        @JsonProperty("owner_name")
        @Nullable String ownerName,

        @Schema(description = "IP address to record; default the address of the connection.", examples = "10.0.0.7")
        @JsonProperty("owner_address")
        @Nullable String ownerAddress,

        @Schema(
                description =
                        "Stream of the file, an opaque id of 1 to 256 bytes without control characters; default 1.",
                examples = "1")
        @JsonProperty("stream_id")
        @Nullable String streamId,

        @Schema(
                description = "Snapshot in decimal. Default: the query parameter snapshot, else the head version,"
                        + " which empty and 0 mean too.",
                examples = "")
        @JsonProperty("snapshot_id")
        @Nullable String snapshotId,

        @Schema(description = "Lease in milliseconds, 1,000 to 86,400,000. Absent: until released.", examples = "30000")
        @JsonProperty("lease_ms")
        @Nullable Long leaseMs,

        @Schema(hidden = true) @JsonProperty("session_id") @Nullable JsonNode sessionId,

        @Schema(hidden = true) @JsonProperty("wait_ms") @Nullable JsonNode waitMs,

        @Schema(hidden = true) @Nullable JsonNode reclaim,

        @Schema(hidden = true) @Nullable JsonNode receipt,

        @Schema(hidden = true) @Nullable JsonNode durability)
        implements JsonBody {}
