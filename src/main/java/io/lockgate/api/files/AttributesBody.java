package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What is known of a file. The gateway knows names and locks, not contents. */
record AttributesBody(
        @Schema(
                description = "Unsigned 64-bit in decimal.",
                examples = "4611686018427387905",
                required = true,
                pattern = "[0-9]{1,20}")
        String id,

        @Schema(
                description = "Equal to id.",
                examples = "4611686018427387905",
                required = true,
                pattern = "[0-9]{1,20}")
        @JsonProperty("file_number")
        String fileNumber,

        @Schema(
                description = "Absolute path; empty for a file known only by its id.",
                examples = "/a b/c.dat",
                required = true)
        String path,

        @Schema(description = "Last segment of the path; empty with it.", examples = "c.dat", required = true)
        String name,

        @Schema(
                description = "FS_FILE_TYPE_FILE or FS_FILE_TYPE_DIRECTORY.",
                examples = "FS_FILE_TYPE_FILE",
                required = true,
                enumeration = {"FS_FILE_TYPE_FILE", "FS_FILE_TYPE_DIRECTORY"})
        String type,

        @Schema(description = "Always 0: contents are not kept here.", examples = "0", required = true)
        String size)
        implements JsonBody {}
