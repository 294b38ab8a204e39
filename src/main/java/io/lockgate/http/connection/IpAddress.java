package io.lockgate.http.connection;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;

/**
 * The one text of an IP address: IPv4 as a dotted quad, IPv6 as RFC 5952 has it, an IPv4-mapped address ({@code
 * ::ffff:a.b.c.d}) as IPv4. Two texts name one machine exactly when their canonical texts are equal. No name is ever
 * looked up.
 */
public final class IpAddress {
    private static final int LONGEST = 45;
    private static final int GROUP_DIGITS = 4;
    private static final int OCTETS = 4;

    private IpAddress() {}

    /**
     * The canonical text of {@code text}; empty when it is no address. Strict: four decimal octets without leading
     * zeros, or a form of RFC 4291 section 2.2. Brackets, a port, a zone id and a prefix length are no part of an
     * address.
     */
    public static Optional<String> canonical(String text) {
        if (text.indexOf(':') < 0) {
            return isIpv4(text, 0) ? Optional.of(text) : Optional.empty();
        }
        return parseIpv6(text).map(IpAddress::text);
    }

    /** The canonical text of an address; a zone id is left out. */
    public static String text(InetAddress address) {
        return NetUtil.toAddressString(address);
    }

    /** The address of a canonical text. */
    public static InetAddress parse(String canonical) {
        return InetAddress.ofLiteral(canonical);
    }

    private static Optional<InetAddress> parseIpv6(String text) {
        if (text.length() > LONGEST || !hasPlainGroups(text)) {
            return Optional.empty();
        }
        try {
            // A mapped address becomes an Inet4Address here.
            return Optional.of(Inet6Address.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The JDK also takes longer groups, a zone id, brackets, and leading zeros in a dotted quad at the end. */
    private static boolean hasPlainGroups(String text) {
        int digits = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                return isIpv4(text, text.lastIndexOf(':') + 1);
            }
            if (c == ':') {
                digits = 0;
            } else if (!isHex(c) || ++digits > GROUP_DIGITS) {
                return false;
            }
        }
        return true;
    }

    private static boolean isIpv4(String text, int from) {
        int octets = 0;
        int at = from;
        while (octets < OCTETS) {
            int start = at;
            int value = 0;
            while (at < text.length() && at - start < 3 && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                value = value * 10 + text.charAt(at) - '0';
                at++;
            }
            boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
            if (at == start || leadingZero || value > 255) {
                return false;
            }
            octets++;
            if (octets < OCTETS && (at == text.length() || text.charAt(at++) != '.')) {
                return false;
            }
        }
        return at == text.length();
    }

    private static boolean isHex(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
}
