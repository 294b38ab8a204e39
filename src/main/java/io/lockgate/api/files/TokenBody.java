package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The answer to a login. */
record TokenBody(@JsonProperty("bearer_token") String bearerToken) implements JsonBody {
    /** Without the token, wherever it is printed. */
    @Override
    public String toString() {
        return "TokenBody";
    }
}
