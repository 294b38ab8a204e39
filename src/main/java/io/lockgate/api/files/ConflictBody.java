package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why a lock was refused, and what could be had instead. */
record ConflictBody(
        List<BlockerBody> blockers,
        List<RangePart> free,
        Boolean more,
        @JsonProperty("retry_after_ms") @Nullable Long retryAfterMs)
        implements JsonBody {}
