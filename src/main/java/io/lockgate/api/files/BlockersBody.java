package io.lockgate.api.files;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What stands in the way of a test. */
record BlockersBody(
        @Schema(
                description = "The first blockers by offset, at most 16; empty when the acquire would succeed.",
                required = true)
        List<GrantBody> grants)
        implements JsonBody {}
