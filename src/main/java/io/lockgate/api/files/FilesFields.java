package io.lockgate.api.files;

import io.lockgate.http.ProblemException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fields of bodies and parameters: there, or an error that names them. */
public final class FilesFields {
    private FilesFields() {}

    public static <T> T required(String field, @Nullable T value) {
        if (value == null) {
            throw ProblemException.missing(field);
        }
        return value;
    }

    /** Element {@code index} of an array, which may not be null. */
    public static <T> T element(String field, List<@Nullable T> elements, int index) {
        @Nullable T element = elements.get(index);
        if (element == null) {
            throw ProblemException.field(field + "[" + index + "]", "is null");
        }
        return element;
    }

    public static boolean flag(String field, @Nullable String text) {
        return switch (text) {
            // Python and Go clients spell them so.
            case "true", "True", "1" -> true;
            case "false", "False", "0", "" -> false;
            case null -> false;
            default -> throw ProblemException.field(field, "is neither true nor false");
        };
    }
}
