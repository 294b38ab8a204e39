package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The answer to a login. */
record TokenBody(
        @Schema(
                description = "What to send as Authorization: Bearer. Good for 10 hours.",
                examples = "session-v1:Zk3…",
                required = true)
        @JsonProperty("bearer_token")
        String bearerToken)
        implements JsonBody {
    /** Without the token, wherever it is printed. */
    @Override
    public String toString() {
        return "TokenBody";
    }
}
