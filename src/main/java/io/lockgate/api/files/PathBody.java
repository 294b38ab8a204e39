package io.lockgate.api.files;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The path of an id. */
record PathBody(
        @Schema(description = "As it was asked.", examples = "4611686018427387905", required = true)
        String id,

        @Schema(description = "Absolute path; empty when no path is known.", examples = "/a b/c", required = true)
        String path)
        implements JsonBody {}
