package io.lockgate.api.accounts;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.lockgate.api.files.JsonBody;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of the session of the files API. Jackson reads and writes them by reflection, which a native image must be
 * told.
 */
@RegisterForReflection
public final class SessionJson {
    private SessionJson() {}

    /** Name and password. */
    record LoginBody(@Nullable String username, @Nullable String password) implements JsonBody {
        /** Without the password, wherever it is printed. */
        @Override
        public String toString() {
            return "LoginBody";
        }
    }

    /** The answer to a login. */
    record TokenBody(@JsonProperty("bearer_token") String bearerToken) implements JsonBody {
        /** Without the token, wherever it is printed. */
        @Override
        public String toString() {
            return "TokenBody";
        }
    }

    /** The caller, with the fields that clients of the family know; most mean nothing here. */
    record WhoBody(
            String id,
            String name,
            @JsonProperty("primary_group") String primaryGroup,
            String sid,
            String uid,
            @JsonProperty("home_directory") String homeDirectory,
            @JsonProperty("can_change_password") Boolean canChangePassword,
            List<String> privileges)
            implements JsonBody {}

    /** Names: an array without an object around it. */
    record NamesBody(@JsonValue List<String> names) implements JsonBody {}
}
