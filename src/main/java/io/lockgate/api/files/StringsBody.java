package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An array of strings without an object around it. */
record StringsBody(List<@Nullable String> items) implements JsonBody {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    StringsBody {}
}
