package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A lock that refuses another one. */
record BlockerBody(
        String offset,
        String size,
        List<String> mode,
        @JsonProperty("expires_in_ms") @Nullable Long expiresInMs,
        @JsonProperty("grant_id") @Nullable String grantId,
        @JsonProperty("owner_id") @Nullable String ownerId,
        @JsonProperty("owner_name") @Nullable String ownerName,
        @JsonProperty("owner_address") @Nullable String ownerAddress)
        implements JsonBody {}
