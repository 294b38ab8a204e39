package io.lockgate.testing;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * JSON text for bodies that a test sends and answers that it expects: {@code JsonText.object("route", route, "id", 7)}.
 * Compact, and in the order given, since answers are compared as text. Malformed JSON is written by hand.
 */
public final class JsonText {
    private JsonText() {}

    /** Text that is JSON already, as a value of an object. */
    public record Raw(String text) {}

    /**
     * An object of names and values in turn; a value is a text, a number, a boolean, null, a list of these, or {@link
     * Raw}.
     */
    public static String object(@Nullable Object... namesAndValues) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            text.append(i == 0 ? "" : ",")
                    .append(value(String.valueOf(namesAndValues[i])))
                    .append(':')
                    .append(value(namesAndValues[i + 1]));
        }
        return text.append('}').toString();
    }

    /** {@code object} with more fields at its end. */
    public static String with(String object, @Nullable Object... namesAndValues) {
        return namesAndValues.length == 0
                ? object
                : object.substring(0, object.length() - 1) + ","
                        + object(namesAndValues).substring(1);
    }

    /** The same as a value of another object. */
    public static Raw nested(@Nullable Object... namesAndValues) {
        return new Raw(object(namesAndValues));
    }

    /** JSON that is there already: an array as text, a number of any length. */
    public static Raw raw(Object json) {
        return new Raw(json.toString());
    }

    /** One value. */
    public static String value(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Raw(String text) -> text;
            case String text -> '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
            case List<?> list -> list.stream().map(JsonText::value).collect(Collectors.joining(",", "[", "]"));
            case Number number -> number.toString();
            case Boolean bool -> bool.toString();
            default -> throw new IllegalArgumentException("no JSON: " + value.getClass());
        };
    }
}
