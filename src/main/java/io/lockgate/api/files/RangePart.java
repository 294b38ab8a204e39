package io.lockgate.api.files;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A part of a range. */
record RangePart(
        @Schema(
                description = "First byte, unsigned 64-bit in decimal.",
                examples = "4096",
                required = true,
                pattern = "[0-9]{1,20}")
        String offset,

        @Schema(
                description = "Length in bytes, unsigned 64-bit in decimal; 0: in nlm and nfs4 to 2^64-1.",
                examples = "4096",
                required = true,
                pattern = "[0-9]{1,20}")
        String size)
        implements JsonBody {}
