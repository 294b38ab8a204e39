package io.lockgate.http;

import io.lockgate.http.connection.Authority;
import io.lockgate.http.connection.IpAddress;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first element of a {@code Forwarded} header (RFC 7239, section 4), the one nearest to the client.
 *
 * @param address canonical address of {@code for}, or {@link ForwardedHeaders#UNUSABLE}; empty when it does not say
 * @param proto {@code http} or {@code https}
 */
record ForwardedElement(Optional<String> address, Optional<String> proto, Optional<String> host) {
    private static final int PORT_DIGITS = 5;

    /** The first element; empty when it is not well-formed. */
    static Optional<ForwardedElement> first(String header) {
        Reader in = new Reader(header);
        @Nullable String address = null;
        @Nullable String proto = null;
        @Nullable String host = null;
        do {
            String name = in.token().toLowerCase(Locale.ROOT);
            @Nullable String value = in.take('=') ? in.value() : null;
            if (name.isEmpty() || value == null) {
                return Optional.empty();
            }
            switch (name) {
                case "for" ->
                    address =
                            address == null ? node(value).orElse(ForwardedHeaders.UNUSABLE) : ForwardedHeaders.UNUSABLE;
                case "proto" -> proto = value;
                case "host" -> host = value;
                default -> {}
            }
        } while (in.take(';'));
        return in.isAtEnd()
                ? Optional.of(new ForwardedElement(
                        Optional.ofNullable(address),
                        Optional.ofNullable(proto).filter(text -> text.equals("http") || text.equals("https")),
                        Optional.ofNullable(host)
                                .filter(text -> text.chars().noneMatch(c -> c == ';' || c == ',' || c == '"'))))
                : Optional.empty();
    }

    /** As Quarkus' parser reads it. */
    String text() {
        StringBuilder text = new StringBuilder();
        address.ifPresent(value -> text.append("for=\"").append(value).append('"'));
        proto.ifPresent(
                value -> text.append(text.isEmpty() ? "" : ";").append("proto=").append(value));
        host.ifPresent(value -> text.append(text.isEmpty() ? "" : ";")
                .append("host=\"")
                .append(value)
                .append('"'));
        return text.toString();
    }

    /**
     * The canonical address of a node of a forwarded header: an address, IPv6 also in brackets, with or without a port.
     * Empty for everything else: a name, {@code unknown}, an obfuscated identifier, the unspecified address.
     */
    static Optional<String> node(String padded) {
        String text = padded.strip();
        int end = text.indexOf(']');
        int colon = text.indexOf(':', Math.max(end, 0));
        String host = text;
        if (text.startsWith("[")) {
            boolean hasPort = end > 0 && colon == end + 1 && isPort(text, colon + 1);
            if (end < 0 || (end + 1 < text.length() && !hasPort) || text.indexOf(':') > end) {
                return Optional.empty();
            }
            host = text.substring(1, end);
        } else if (colon > 0 && colon == text.lastIndexOf(':')) {
            if (!isPort(text, colon + 1)) {
                return Optional.empty();
            }
            host = text.substring(0, colon);
        }
        return IpAddress.canonical(host).filter(address -> !address.equals("::"));
    }

    private static boolean isPort(String text, int from) {
        int length = text.length() - from;
        return length > 0 && length <= PORT_DIGITS && Authority.isPort(text, from);
    }

    /** Reads the pairs of one element. */
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        boolean take(char wanted) {
            skipSpace();
            if (at < text.length() && text.charAt(at) == wanted) {
                at++;
                skipSpace();
                return true;
            }
            return false;
        }

        boolean isAtEnd() {
            skipSpace();
            return at == text.length() || text.charAt(at) == ',';
        }

        /**
         * The longest token from here on; empty when there is none. Colons and brackets count: many senders do not
         * quote them.
         */
        String token() {
            int start = at;
            while (at < text.length() && isTokenChar(text.charAt(at))) {
                at++;
            }
            return text.substring(start, at);
        }

        /** A token or a quoted string; null when there is neither. */
        @Nullable String value() {
            if (at == text.length() || text.charAt(at) != '"') {
                String token = token();
                return token.isEmpty() ? null : token;
            }
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '"') {
                    at++;
                    return value.toString();
                }
                if (c == '\\' && ++at == text.length()) {
                    return null;
                }
                value.append(text.charAt(at));
            }
            return null;
        }

        private void skipSpace() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
                at++;
            }
        }

        private static boolean isTokenChar(char c) {
            return (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "!#$%&'*+-.^_`|~:[]".indexOf(c) >= 0;
        }
    }
}
