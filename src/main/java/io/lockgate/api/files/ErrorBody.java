package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Every failure of this door. */
@Schema(description = "Every failure of the files door.")
record ErrorBody(
        @Schema(
                description = "Part of the system that found the error: fs, http, api.",
                examples = "fs",
                required = true)
        String module,

        @Schema(description = "What kind of error it is.", examples = "fs_lock_conflict_error", required = true)
        @JsonProperty("error_class")
        String errorClass,

        @Schema(
                description = "What is wrong, for people; names the field.",
                examples = "the range is locked",
                required = true)
        String description,

        @Schema(
                description = "Always empty.",
                examples = {"[]"},
                required = true)
        List<String> stack,

        @Schema(description = "Whether description may be shown to users.", examples = "true", required = true)
        @JsonProperty("user_visible")
        Boolean userVisible,

        @Schema(description = "Only with 409 fs_lock_conflict_error.") @Nullable ConflictBody conflict,

        @Schema(description = "In a batch: the position, from 0, of the lock or unlock at fault.", examples = "0")
        @Nullable Integer index,

        @Schema(
                description =
                        "Only with 503: unknown when the call may have happened all the same, none when it has not.",
                examples = "unknown")
        @Nullable String outcome)
        implements JsonBody {}
