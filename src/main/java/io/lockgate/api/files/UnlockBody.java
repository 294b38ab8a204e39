package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** An asked release of a batch. */
record UnlockBody(
        @Schema(description = "First byte, unsigned 64-bit.", examples = "0", required = true) @Nullable Decimal offset,

        @Schema(
                description =
                        "Length in bytes, unsigned 64-bit. 0: in nlm and nfs4 to 2^64-1, in smb the zero-length range.",
                examples = "4096",
                required = true)
        @Nullable Decimal size,

        @Schema(description = "As it was given at acquire.", examples = "0a1b", required = true)
        @JsonProperty("owner_id")
        @Nullable String ownerId,

        @Schema(description = "Absent: every owner_name under that owner_id of the caller.", examples = "client-7")
        @JsonProperty("owner_name")
        @Nullable String ownerName,

        @Schema(
                description =
                        "Stream of the file, an opaque id of 1 to 256 bytes without control characters; default 1.",
                examples = "1")
        @JsonProperty("stream_id")
        @Nullable String streamId,

        @Schema(description = "Snapshot in decimal; default as in acquire.", examples = "")
        @JsonProperty("snapshot_id")
        @Nullable String snapshotId)
        implements JsonBody {}
