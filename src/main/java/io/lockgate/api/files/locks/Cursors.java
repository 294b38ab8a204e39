package io.lockgate.api.files.locks;

import io.lockgate.http.ProblemException;
import io.lockgate.range.Cursor;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.CRC32;

/**
 * The text of {@code after}: bucket and position, with a check sum over them and over the list they belong to, in
 * URL-safe base64. The sum is against typing errors and against keys of another list, which would silently skip rows.
 * Opaque to clients; it keeps no state here and holds no secret.
 */
final class Cursors {
    private static final int MAX_TEXT = 512;

    private Cursors() {}

    static String text(Cursor cursor, String list) {
        String plain = cursor.bucket() + ":" + cursor.position();
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((plain + ":" + check(plain, list)).getBytes(StandardCharsets.UTF_8));
    }

    static Cursor parse(String text, String list) {
        try {
            if (text.length() > MAX_TEXT) {
                throw unknown();
            }
            String all = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
            int end = all.lastIndexOf(':');
            int colon = all.indexOf(':');
            if (colon < 0 || end <= colon || !all.substring(end + 1).equals(check(all.substring(0, end), list))) {
                throw unknown();
            }
            int bucket = Integer.parseInt(all.substring(0, colon));
            if (bucket < 0) {
                throw unknown();
            }
            Cursor cursor = new Cursor(bucket, all.substring(colon + 1, end));
            if (!text(cursor, list).equals(text)) {
                // Base64 leaves bits of its last letter unused: one cursor has one spelling.
                throw unknown();
            }
            return cursor;
        } catch (IllegalArgumentException e) {
            throw unknown();
        }
    }

    private static String check(String plain, String list) {
        CRC32 crc = new CRC32();
        crc.update((plain + "\n" + list).getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }

    static ProblemException unknown() {
        return ProblemException.field("after", "is not a cursor of this list");
    }
}
