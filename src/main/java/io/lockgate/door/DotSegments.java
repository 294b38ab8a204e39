package io.lockgate.door;

/** Segments that the router would resolve although they are somebody's name. */
public final class DotSegments {
    private DotSegments() {}

    /** A segment that is {@code .} or {@code ..} after decoding, which the router would resolve. */
    public static boolean in(String path) {
        if (path.indexOf('.') < 0 && path.indexOf('%') < 0) {
            return false;
        }
        for (String segment : path.split("/", -1)) {
            if (segment.length() <= 6) {
                String decoded = Percent.decode(segment).orElse("");
                if (decoded.equals(".") || decoded.equals("..")) {
                    return true;
                }
            }
        }
        return false;
    }
}
