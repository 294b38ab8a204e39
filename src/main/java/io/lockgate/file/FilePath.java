package io.lockgate.file;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * An absolute path, compared byte for byte (docs/api-files.md, "Naming a file"): it begins with a slash, has no {@code
 * .} or {@code ..} segment, no empty segment, no NUL, and no slash at its end unless it is {@code "/"}.
 *
 * <p>Nothing is folded: letter case, Unicode normal forms, {@code %2e} and {@code +} are what they are. Control
 * characters other than NUL are allowed, for POSIX allows them in names and a file that exists must be lockable; {@link
 * #toString()} escapes them, so that a path cannot forge a line of a log. A lone surrogate is refused, for it has no
 * UTF-8 form, and two paths that differ only there would become one row. A segment has no limit of its own: file
 * systems disagree on it (255 bytes, 255 characters, 255 UTF-16 units), and the limit of the whole bounds it.
 *
 * @param text the path as the client named it, after one percent-decoding; 1 to {@value #MAX_BYTES} bytes of UTF-8
 */
public record FilePath(String text) {
    /** The longest path taken, in bytes of UTF-8: {@code PATH_MAX} of Linux. */
    public static final int MAX_BYTES = 4096;

    /** The directory above all: {@code "/"}. */
    public static final FilePath ROOT = new FilePath("/");

    /**
     * A path that is already in its one form.
     *
     * @throws BadPathException when it is not
     */
    public FilePath {
        String fault = faultOf(text);
        if (fault != null) {
            throw new BadPathException(fault);
        }
    }

    /**
     * Reads a path as a client sends it: one slash at the end is dropped, everything else must be in order.
     *
     * @param decoded after exactly one percent-decoding; what is still encoded stays so and is part of the name
     * @throws BadPathException when it names no file
     */
    public static FilePath parse(String decoded) {
        boolean trailingSlash = decoded.length() > 1 && decoded.endsWith("/") && !decoded.endsWith("//");
        return new FilePath(trailingSlash ? decoded.substring(0, decoded.length() - 1) : decoded);
    }

    /** True for {@code "/"}, which is a directory always and everywhere. */
    public boolean isRoot() {
        return text.length() == 1;
    }

    /**
     * The path of an entry of this directory.
     *
     * @param name one segment
     * @throws BadPathException when {@code name} is no segment, or the path would be too long
     */
    public FilePath child(String name) {
        if (name.isEmpty()) {
            throw new BadPathException("is empty");
        }
        if (name.indexOf('/') >= 0) {
            throw new BadPathException("holds a slash");
        }
        return new FilePath(isRoot() ? "/" + name : text + "/" + name);
    }

    /**
     * The path for a log: control characters, line separators and backslashes escaped, so that it stays on its line.
     */
    @Override
    public String toString() {
        StringBuilder escaped = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                escaped.append("\\\\");
            } else if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                escaped.append("\\u").append(HexFormat.of().toHexDigits(c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    private static @Nullable String faultOf(String text) {
        // Before anything that walks over it: no UTF-8 form is shorter than the number of UTF-16 units.
        if (text.length() > MAX_BYTES) {
            return "is longer than " + MAX_BYTES + " bytes";
        }
        if (text.isEmpty() || text.charAt(0) != '/') {
            return "does not begin with a slash";
        }
        String fault = faultOfCharacters(text);
        return fault != null || text.length() == 1 ? fault : faultOfSegments(text);
    }

    private static @Nullable String faultOfCharacters(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int codePoint = text.codePointAt(i);
            if (codePoint == 0) {
                return "holds a NUL";
            }
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                return "holds a lone surrogate, which UTF-8 cannot carry";
            }
            bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
            i += Character.charCount(codePoint);
        }
        return bytes > MAX_BYTES ? "is longer than " + MAX_BYTES + " bytes" : null;
    }

    private static @Nullable String faultOfSegments(String text) {
        for (int begin = 1; begin <= text.length(); ) {
            int slash = text.indexOf('/', begin);
            int end = slash < 0 ? text.length() : slash;
            if (begin == end) {
                return end == text.length() ? "ends with a slash" : "holds an empty segment (//)";
            }
            String segment = text.substring(begin, end);
            if (segment.equals(".") || segment.equals("..")) {
                return "holds a segment '" + segment + "'";
            }
            begin = end + 1;
        }
        return null;
    }
}
