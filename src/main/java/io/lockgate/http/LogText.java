package io.lockgate.http;

import io.vertx.ext.web.RoutingContext;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Text from outside on its way into the log: on one line, without a character that a terminal obeys or that changes the
 * order of what is read, and cut. A backslash stays as it is, so that escaping twice changes nothing.
 */
public final class LogText {
    /** The longest value shown alone in a message, in characters. */
    public static final int MAX_VALUE = 200;

    /** Room for what is said of a cut. */
    private static final int MARK = 48;

    private static final HexFormat HEX = HexFormat.of();

    private LogText() {}

    /** One value for a message: escaped, and cut at {@link #MAX_VALUE}. */
    public static String value(@Nullable String text) {
        return escaped(String.valueOf(text), MAX_VALUE);
    }

    /** Method and path of a request for a message. */
    public static String of(RoutingContext context) {
        return value(context.request().method().name()) + " " + value(context.normalizedPath());
    }

    /**
     * {@code text} with line breaks, control and format characters (bidirectional ones among them) and lone surrogates
     * escaped as in Java, and cut so that the result has at most {@code max} characters; the same object when nothing
     * is to be done.
     *
     * @param max at least 100
     */
    public static String escaped(String text, int max) {
        int length = Math.min(text.length(), max);
        int plain = 0;
        while (plain < length) {
            int c = text.codePointAt(plain);
            if (!isHarmless(c)) {
                break;
            }
            plain += Character.charCount(c);
        }
        if (plain >= text.length()) {
            return text;
        }
        int room = max - MARK;
        int kept = Math.min(plain, room);
        if (kept > 0 && kept < text.length() && Character.isSurrogatePair(text.charAt(kept - 1), text.charAt(kept))) {
            kept--;
        }
        StringBuilder safe = new StringBuilder(max).append(text, 0, kept);
        int i = kept;
        while (i < text.length() && safe.length() < room) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (isHarmless(c)) {
                safe.appendCodePoint(c);
            } else {
                escape(safe, c);
            }
        }
        if (i < text.length()) {
            safe.append("… (").append(text.length()).append(" characters)");
        }
        return safe.toString();
    }

    private static boolean isHarmless(int c) {
        if (c < 0x7F) {
            return c >= ' ';
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }

    private static void escape(StringBuilder to, int c) {
        switch (c) {
            case '\n' -> to.append("\\n");
            case '\r' -> to.append("\\r");
            case '\t' -> to.append("\\t");
            default -> {
                for (char unit : Character.toChars(c)) {
                    to.append("\\u").append(HEX.toHexDigits(unit));
                }
            }
        }
    }
}
