package io.lockgate.api.files;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** An entry to register. */
record EntryBody(
        @Schema(
                description = "Name of the entry: one path segment, without slash, control characters, . and ..",
                examples = "c.dat",
                required = true)
        @Nullable String name,

        @Schema(
                description = "CREATE_FILE or CREATE_DIRECTORY.",
                examples = "CREATE_FILE",
                required = true,
                enumeration = {"CREATE_FILE", "CREATE_DIRECTORY"})
        @Nullable String action)
        implements JsonBody {}
