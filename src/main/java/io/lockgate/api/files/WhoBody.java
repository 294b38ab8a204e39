package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** Who calls, with the fields that clients of the family know; most mean nothing here. */
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
