package io.lockgate.http.connection;

/** The authority of a request: {@code host [":" port]} (RFC 9110, 7.2; RFC 3986, 3.2). */
public final class Authority {
    private static final int MAX_PORT = 65_535;
    private static final String SUB_DELIMS_AND_UNRESERVED = "-._~!$&'()*+,;=%";

    private Authority() {}

    /** Whether {@code text} names a host, and a port in range if any. User information is refused (RFC 9110, 4.2.4). */
    static boolean isValid(String text) {
        int end = hostEnd(text);
        return end > 0 && (end == text.length() || (text.charAt(end) == ':' && isPort(text, end + 1)));
    }

    /** The place behind the host; 0 when there is no valid one. */
    private static int hostEnd(String text) {
        if (text.startsWith("[")) {
            int close = text.indexOf(']');
            for (int i = 1; i < close; i++) {
                char c = text.charAt(i);
                if (c != ':' && c != '.' && Character.digit(c, 16) < 0) {
                    return 0;
                }
            }
            return close < 3 ? 0 : close + 1;
        }
        int i = 0;
        while (i < text.length() && isOfName(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private static boolean isOfName(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || SUB_DELIMS_AND_UNRESERVED.indexOf(c) >= 0;
    }

    /** Whether a port in range stands from there on: digits, or none (RFC 3986, 3.2.3). */
    public static boolean isPort(String text, int from) {
        int port = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return false;
            }
            port = port * 10 + c - '0';
            if (port > MAX_PORT) {
                return false;
            }
        }
        return true;
    }
}
