package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The question whether a token is still good. */
record FenceBody(
        @Schema(description = "File, unsigned 64-bit.", examples = "4000201", required = true)
        @JsonProperty("file_id")
        @Nullable Decimal fileId,

        @Schema(
                description =
                        "Stream of the file, an opaque id of 1 to 256 bytes without control characters; default 1.",
                examples = "1")
        @JsonProperty("stream_id")
        @Nullable String streamId,

        @Schema(description = "Snapshot in decimal; absent, empty and 0 are the head version.", examples = "")
        @JsonProperty("snapshot_id")
        @Nullable String snapshotId,

        @Schema(
                description = "First byte that the holder wants to touch, unsigned 64-bit.",
                examples = "0",
                required = true)
        @Nullable Decimal offset,

        @Schema(
                description = "Length in bytes, unsigned 64-bit; offset + size at most 2^64. 0 is to 2^64-1.",
                examples = "4096",
                required = true)
        @Nullable Decimal size,

        @Schema(
                description = "The token that the holder showed, unsigned 64-bit.",
                examples = "1099511627777",
                required = true)
        @JsonProperty("fencing_token")
        @Nullable Decimal fencingToken)
        implements JsonBody {}
