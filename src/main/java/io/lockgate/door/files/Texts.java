package io.lockgate.door.files;

/**
 * Rules for names that clients choose: at most {@value #MAX_BYTES} bytes of UTF-8, any characters but control
 * characters and lone surrogates, which have no UTF-8 form.
 */
final class Texts {
    /** The longest id or name taken, in bytes of UTF-8. */
    static final int MAX_BYTES = 256;

    private Texts() {}

    /** {@code text}, if it is an id: at least one byte long. */
    static String id(String field, String text) {
        if (text.isEmpty()) {
            throw BadRequest.field(field, "is empty");
        }
        return name(field, text);
    }

    /** {@code text}, if it is a name; it may be empty. */
    static String name(String field, String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) {
                throw BadRequest.field(field, "holds a control character");
            }
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw BadRequest.field(field, "holds a lone surrogate, which UTF-8 cannot carry");
            }
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            i += Character.charCount(c);
        }
        if (bytes > MAX_BYTES) {
            throw BadRequest.field(field, "is longer than " + MAX_BYTES + " bytes");
        }
        return text;
    }
}
