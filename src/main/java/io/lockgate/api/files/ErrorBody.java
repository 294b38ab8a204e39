package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every error of this API. */
record ErrorBody(
        String module,
        @JsonProperty("error_class") String errorClass,
        String description,
        List<String> stack,
        @JsonProperty("user_visible") Boolean userVisible,
        @Nullable ConflictBody conflict,
        @Nullable Integer index,
        @Nullable String outcome)
        implements JsonBody {}
