package io.lockgate.api.distribution;

/** The two forms that errors of this dialect have had. */
public enum ErrorFormat {
    /** As the published description has it: {@code {"error","error_description"}}. */
    FLAT,
    /** As servers have sent it since 20.02: {@code {"error":{"id","details","description"}}}. */
    NESTED
}
