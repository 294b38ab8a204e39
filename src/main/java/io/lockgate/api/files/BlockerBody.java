package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A lock that refuses another one. */
record BlockerBody(
        @Schema(
                description = "First byte, unsigned 64-bit in decimal.",
                examples = "0",
                required = true,
                pattern = "[0-9]{1,20}")
        String offset,

        @Schema(
                description = "Length in bytes, unsigned 64-bit in decimal; 0: in nlm and nfs4 to 2^64-1.",
                examples = "4096",
                required = true,
                pattern = "[0-9]{1,20}")
        String size,

        @Schema(
                description = "Its modes.",
                examples = {"[\"API_BYTE_RANGE_EXCLUSIVE\"]"},
                required = true)
        List<String> mode,

        @Schema(description = "Time left in milliseconds; absent when it does not expire.", examples = "12000")
        @JsonProperty("expires_in_ms")
        @Nullable Long expiresInMs,

        @Schema(
                description = "Its name. Only when the caller may see whose it is, as all that follows.",
                examples = "7-0000010000000001")
        @JsonProperty("grant_id")
        @Nullable String grantId,

        @Schema(description = "The process or handle that holds it.", examples = "0a1b")
        @JsonProperty("owner_id")
        @Nullable String ownerId,

        @Schema(
                description = "Name of the machine that holds it, as given at acquire; may be empty.",
                examples = "client-7")
        @JsonProperty("owner_name")
        @Nullable String ownerName,

        @Schema(description = "Where it was taken from.", examples = "10.0.0.7")
        @JsonProperty("owner_address")
        @Nullable String ownerAddress)
        implements JsonBody {}
