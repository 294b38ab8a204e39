package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An array of strings without an object around it. */
@RegisterForReflection
public record StringsBody(List<@Nullable String> items) implements JsonBody {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public StringsBody {}

    /** The strings: at most {@code limit}, and none of them null. */
    public List<String> items(int limit) {
        if (items.size() > limit) {
            throw new FilesProblemException(FilesError.DECODE, "the array has more than " + limit + " elements");
        }
        List<String> texts = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            texts.add(FilesFields.element("", items, i));
        }
        return texts;
    }
}
