package io.lockgate.api.files;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Whether a token is still good. */
record FenceAnswer(
        @Schema(
                description =
                        "Whether the grant of the token, or its heir after merge or split, covers the whole range now.",
                examples = "true",
                required = true)
        Boolean valid,

        @Schema(description = "That grant, if the caller may see it.") @Nullable GrantBody grant)
        implements JsonBody {}
