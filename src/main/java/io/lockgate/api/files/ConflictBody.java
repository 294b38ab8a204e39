package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Why a lock was refused, and what could be had instead. */
record ConflictBody(
        @Schema(description = "The first blockers by offset, at most 16.", required = true)
        List<BlockerBody> blockers,

        @Schema(
                description = "The parts of the asked range that no blocker covers; beyond the last listed blocker"
                        + " only when more is false.",
                required = true)
        List<RangePart> free,

        @Schema(description = "Whether there are blockers that are not listed.", examples = "false", required = true)
        Boolean more,

        @Schema(
                description = "When the listed blockers will have ended at the latest, in milliseconds; absent when"
                        + " that is not known.",
                examples = "12000")
        @JsonProperty("retry_after_ms")
        @Nullable Long retryAfterMs)
        implements JsonBody {}
