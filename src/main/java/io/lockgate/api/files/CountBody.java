package io.lockgate.api.files;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How many grants have one value of the property. */
record CountBody(
        @Schema(
                description = "The value: an address, a file id, or the modes of a grant, separated by commas.",
                examples = "10.0.0.7",
                required = true)
        String key,

        @Schema(description = "Live grants.", examples = "3", required = true)
        Long count)
        implements JsonBody {}
