package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Who calls, with the fields that clients of the family know; most mean nothing here. */
record WhoBody(
        @Schema(description = "Id of the user.", examples = "7", required = true)
        String id,

        @Schema(description = "Name of the user.", examples = "dev", required = true)
        String name,

        @Schema(description = "Means nothing here.", examples = "0", required = true) @JsonProperty("primary_group")
        String primaryGroup,

        @Schema(description = "Means nothing here.", examples = "", required = true)
        String sid,

        @Schema(description = "Means nothing here.", examples = "7", required = true)
        String uid,

        @Schema(description = "Means nothing here.", examples = "", required = true) @JsonProperty("home_directory")
        String homeDirectory,

        @Schema(description = "Always false: an administrator does.", examples = "false", required = true)
        @JsonProperty("can_change_password")
        Boolean canChangePassword,

        @Schema(
                description = "Names of the permissions held, wherever they hold.",
                examples = "[\"PRIVILEGE_FS_LOCK_READ\"]",
                required = true)
        List<String> privileges)
        implements JsonBody {}
