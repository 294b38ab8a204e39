package io.lockgate.http;

import java.util.ArrayDeque;
import java.util.Deque;

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

    /**
     * What the router would take {@code path} for: without empty and dot segments, matrix parameters and needless
     * percent-encoding.
     */
    public static String resolved(String path) {
        if (path.indexOf("//") < 0 && path.indexOf('.') < 0 && path.indexOf(';') < 0 && path.indexOf('%') < 0) {
            return path;
        }
        Deque<String> segments = new ArrayDeque<>();
        for (String segment : path.split("/", -1)) {
            String plain = Percent.decode(segment.split(";", 2)[0]).orElse(segment);
            if (plain.equals("..")) {
                segments.pollLast();
            } else if (!plain.isEmpty() && !plain.equals(".")) {
                segments.addLast(plain);
            }
        }
        return "/" + String.join("/", segments);
    }
}
