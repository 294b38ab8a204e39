package io.lockgate.api.files;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a batch did. */
record BatchDone(
        @Schema(description = "For each asked lock, in the order asked, the grant that now covers it.", required = true)
        List<GrantBody> grants,

        @Schema(
                description = "How many grants were freed, trimmed or split by the unlocks.",
                examples = "1",
                required = true)
        Long released)
        implements JsonBody {}
