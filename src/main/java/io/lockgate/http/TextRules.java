package io.lockgate.http;

import java.util.Optional;

/**
 * Rules for names that clients choose: at most {@value #MAX_BYTES} bytes of UTF-8, any characters but control
 * characters and lone surrogates, which have no UTF-8 form.
 */
public final class TextRules {
    /** The longest id or name taken, in bytes of UTF-8. */
    public static final int MAX_BYTES = 256;

    private TextRules() {}

    /**
     * {@code text}, if it keeps the rules; it may be empty.
     *
     * @throws ProblemException 400 that names {@code field}
     */
    public static String require(String field, String text) {
        faultOf(text).ifPresent(fault -> {
            throw ProblemException.field(field, fault);
        });
        return text;
    }

    /** The fault of {@code text}, to be read after the name of its field; it may be empty. */
    public static Optional<String> faultOf(String text) {
        return faultOf(text, MAX_BYTES);
    }

    /** The fault of {@code text} where a name may have up to {@code maxBytes} bytes, as {@link #faultOf(String)}. */
    public static Optional<String> faultOf(String text, int maxBytes) {
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) {
                return Optional.of("holds a control character");
            }
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                return Optional.of("holds a lone surrogate, which UTF-8 cannot carry");
            }
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            i += Character.charCount(c);
        }
        return bytes > maxBytes ? Optional.of("is longer than " + maxBytes + " bytes") : Optional.empty();
    }
}
