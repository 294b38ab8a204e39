package io.lockgate.api.files;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Counts instead of rows. */
record CountsBody(
        @Schema(description = "What was counted by.", examples = "owner_address", required = true)
        String by,

        @Schema(description = "The most frequent first.", required = true)
        List<CountBody> counts)
        implements JsonBody {}
