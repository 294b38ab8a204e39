package io.lockgate.bench;

/** Where an answer ends in what a connection has brought, and whether it is one of success. */
enum Framing {
    /** HTTP/1.1 with {@code Content-Length} or in chunks. */
    HTTP {
        @Override
        int end(byte[] bytes, int to) {
            int body = 0;
            int length = 0;
            boolean chunked = false;
            for (int line = 0; body == 0; ) {
                int next = afterLine(bytes, line, to);
                if (next < 0) {
                    return INCOMPLETE;
                }
                if (next - line == LINE_END) {
                    body = next;
                } else if (startsWith(bytes, line, "content-length:")) {
                    length = number(bytes, line + "content-length:".length(), 10);
                } else if (startsWith(bytes, line, "transfer-encoding: chunked")) {
                    chunked = true;
                }
                line = next;
            }
            if (chunked) {
                return endOfChunks(bytes, body, to);
            }
            return body + length <= to ? body + length : INCOMPLETE;
        }

        @Override
        boolean good(byte[] bytes) {
            // HTTP/1.1 200
            return bytes[9] == '2' && bytes[10] == '0' && bytes[11] == '0';
        }
    },

    /** What Redis answers. */
    RESP {
        @Override
        int end(byte[] bytes, int to) {
            return endOfReply(bytes, 0, to);
        }

        @Override
        boolean good(byte[] bytes) {
            return bytes[0] != '-';
        }
    };

    /** There is more to come. */
    static final int INCOMPLETE = -1;

    private static final int LINE_END = 2;

    /** Behind the first answer in {@code bytes}, of which {@code to} are there; or {@link #INCOMPLETE}. */
    abstract int end(byte[] bytes, int to);

    /** Whether the complete answer at the beginning is one of success. */
    abstract boolean good(byte[] bytes);

    /** Whether {@code wanted} stands somewhere in the first {@code to} bytes. */
    static boolean holds(byte[] bytes, int to, byte[] wanted) {
        for (int at = to - wanted.length; at >= 0; at--) {
            int same = 0;
            while (same < wanted.length && bytes[at + same] == wanted[same]) {
                same++;
            }
            if (same == wanted.length) {
                return true;
            }
        }
        return false;
    }

    private static int endOfChunks(byte[] bytes, int body, int to) {
        int at = body;
        while (true) {
            int next = afterLine(bytes, at, to);
            if (next < 0) {
                return INCOMPLETE;
            }
            int length = number(bytes, at, 16);
            at = next + length + LINE_END;
            if (at > to) {
                return INCOMPLETE;
            }
            if (length == 0) {
                // Trailers are answers of failure here, and those end the run.
                return at;
            }
        }
    }

    private static int endOfReply(byte[] bytes, int from, int to) {
        int next = afterLine(bytes, from, to);
        if (next < 0) {
            return INCOMPLETE;
        }
        return switch (bytes[from]) {
            case '$' -> {
                int length = number(bytes, from + 1, 10);
                int end = length < 0 ? next : next + length + LINE_END;
                yield end <= to ? end : INCOMPLETE;
            }
            case '*' -> {
                int end = next;
                for (int parts = number(bytes, from + 1, 10); parts > 0 && end >= 0; parts--) {
                    end = endOfReply(bytes, end, to);
                }
                yield end;
            }
            default -> next;
        };
    }

    /** Behind the next CR LF. */
    private static int afterLine(byte[] bytes, int from, int to) {
        for (int at = from; at + 1 < to; at++) {
            if (bytes[at] == '\r' && bytes[at + 1] == '\n') {
                return at + LINE_END;
            }
        }
        return INCOMPLETE;
    }

    private static boolean startsWith(byte[] bytes, int from, String lower) {
        for (int i = 0; i < lower.length(); i++) {
            int letter = bytes[from + i];
            if ((letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The number that stands there, behind spaces; up to the first other character. */
    private static int number(byte[] bytes, int from, int radix) {
        int at = from;
        while (bytes[at] == ' ') {
            at++;
        }
        boolean negative = bytes[at] == '-';
        int value = 0;
        for (at += negative ? 1 : 0; Character.digit(bytes[at], radix) >= 0; at++) {
            value = value * radix + Character.digit(bytes[at], radix);
        }
        return negative ? -value : value;
    }
}
