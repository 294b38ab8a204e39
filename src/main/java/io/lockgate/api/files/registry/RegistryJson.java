package io.lockgate.api.files.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.lockgate.api.files.JsonBody;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Bodies of the file registry. Jackson reads and writes them by reflection, which a native image must be told. */
@RegisterForReflection
public final class RegistryJson {
    private RegistryJson() {}

    /** An entry to register. */
    record EntryBody(@Nullable String name, @Nullable String action) implements JsonBody {}

    /** The attributes of a file. The gateway knows names and locks, not contents. */
    record AttributesBody(
            String id,
            @JsonProperty("file_number") String fileNumber,
            String path,
            String name,
            String type,
            String size)
            implements JsonBody {}

    /** Paths of ids, one for each asked, in the order asked: an array without an object around it. */
    record PathsBody(@JsonValue List<PathBody> paths) implements JsonBody {}

    /** The path of an id. */
    record PathBody(String id, String path) implements JsonBody {}
}
