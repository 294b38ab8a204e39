package io.lockgate.api.files;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Name and password. */
record LoginBody(
        @Schema(description = "Name of the user.", examples = "dev", required = true) @Nullable String username,

        @Schema(description = "The password.", examples = "secret", required = true) @Nullable String password)
        implements JsonBody {
    /** Without the password, wherever it is printed. */
    @Override
    public String toString() {
        return "LoginBody";
    }
}
