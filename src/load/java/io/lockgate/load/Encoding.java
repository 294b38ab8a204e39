package io.lockgate.load;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Text in addresses. */
final class Encoding {
    private Encoding() {}

    /** For a segment of a path and for a query value: a space is %20 in both. */
    static String percent(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
