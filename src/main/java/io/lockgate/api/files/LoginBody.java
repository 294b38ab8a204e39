package io.lockgate.api.files;

import org.jspecify.annotations.Nullable;

/** Name and password. */
record LoginBody(@Nullable String username, @Nullable String password) implements JsonBody {
    /** Without the password, wherever it is printed. */
    @Override
    public String toString() {
        return "LoginBody";
    }
}
