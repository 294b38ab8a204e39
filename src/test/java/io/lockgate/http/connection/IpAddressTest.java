package io.lockgate.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One text for each address, and none for what is no address. */
class IpAddressTest {
    @DisplayName("Every spelling of an address has the one text of RFC 5952")
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "::1, ::1",
        "0:0:0:0:0:0:0:1, ::1",
        "0000:0000:0000:0000:0000:0000:0000:0001, ::1",
        "::, ::",
        "2001:db8::7, 2001:db8::7",
        "2001:DB8:0:0:0:0:0:7, 2001:db8::7",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "::ffff:10.0.0.1, 10.0.0.1",
        "::FFFF:a00:1, 10.0.0.1",
        "0:0:0:0:0:ffff:10.0.0.1, 10.0.0.1",
        "::10.0.0.1, ::a00:1",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "fe80::1, fe80::1",
    })
    void canonical(String spelling, String text) {
        assertThat(IpAddress.canonical(spelling)).contains(text);
    }

    @DisplayName("A text that is no strict address is refused, and no name is looked up")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "1",
                "10.1",
                "10.0.1",
                "010.0.0.1",
                "10.0.0.01",
                "10.0.0.00",
                "256.0.0.1",
                "1.2.3.4.5",
                "1.2.3.",
                "1.2.3.4.",
                ".1.2.3.4",
                "1..2.3",
                "0x7f.0.0.1",
                "+1.2.3.4",
                " 1.2.3.4",
                "1.2.3.4 ",
                "1.2.3.4:80",
                "1.2.3.4/24",
                "localhost",
                "example.org",
                "\u0661.2.3.4",
                "1.2.3.4\u0000",
                "-1.2.3.4",
                ":",
                ":::",
                "1",
                "1:2",
                "::1::",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "::1:2:3:4:5:6:7:8",
                "00001::",
                "12345::",
                "g::",
                "fe80::1%eth0",
                "fe80::1%",
                "::1%0",
                "[::1]",
                "[::1",
                "::1]",
                "[::1]:443",
                "::1/64",
                "::ffff:10.0.0.01",
                "::ffff:10.0.0",
                "::ffff:10.0.0.256",
                "::10.0.0.1:1",
                "10.0.0.1::",
                "1:2:3:4:5:6:7:10.0.0.1",
                ":1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:",
                "::\u0661",
                "0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0"
            })
    void strict(String text) {
        assertThat(IpAddress.canonical(text)).as(text).isEmpty();
    }

    @Property(tries = 2_000)
    @Label("Any 16 bytes have one canonical text, which leads back to them, and other spellings lead to it")
    void roundTrip(@ForAll @Size(16) byte[] random, @ForAll @IntRange(max = 255) int zeros, @ForAll boolean upper)
            throws UnknownHostException {
        byte[] bytes = random.clone();
        for (int group = 0; group < 8; group++) {
            if ((zeros >> group & 1) == 1) {
                bytes[2 * group] = 0;
                bytes[2 * group + 1] = 0;
            }
        }
        InetAddress address = InetAddress.getByAddress(bytes);
        String text = IpAddress.text(address);

        assertThat(IpAddress.parse(text)).isEqualTo(address);
        assertThat(IpAddress.canonical(text)).contains(text);
        // Quarkus' parser is handed this text, and asks Netty.
        assertThat(NetUtil.isValidIpV6Address(text) || NetUtil.isValidIpV4Address(text))
                .isTrue();
        String long6 = spelled(bytes, "%04x");
        String short6 = spelled(bytes, "%x");
        assertThat(IpAddress.canonical(upper ? long6.toUpperCase(Locale.ROOT) : long6))
                .contains(text);
        assertThat(IpAddress.canonical(short6)).contains(text);
    }

    @Property(tries = 2_000)
    @Label("The canonical text of any 4 bytes is that of java.net.InetAddress")
    void ipv4(@ForAll @Size(4) byte[] bytes) throws UnknownHostException {
        String text = InetAddress.getByAddress(bytes).getHostAddress();

        assertThat(IpAddress.canonical(text)).contains(text);
        assertThat(IpAddress.canonical("::ffff:" + text)).contains(text);
    }

    @Property(tries = 5_000)
    @Label("Every accepted text is the same address for java.net.InetAddress")
    void neverMoreThanTheJdk(@ForAll("texts") String text) {
        Optional<String> canonical = IpAddress.canonical(text);

        canonical.ifPresent(found -> assertThat(InetAddress.ofLiteral(text)).isEqualTo(InetAddress.ofLiteral(found)));
    }

    @net.jqwik.api.Provide
    net.jqwik.api.Arbitrary<String> texts() {
        return net.jqwik.api.Arbitraries.strings().withChars("0123456789abfF:.").ofMaxLength(20);
    }

    @DisplayName("Limits count an IPv6 address by its first 64 bits, an IPv4 address as it is")
    @Test
    void networks() {
        assertThat(ClientAddress.network("2001:db8:1:2::7")).isEqualTo(ClientAddress.network("2001:db8:1:2:ffff::8"));
        assertThat(ClientAddress.network("2001:db8:1:2::7")).isNotEqualTo(ClientAddress.network("2001:db8:1:3::7"));
        assertThat(ClientAddress.network("::1")).isEqualTo("0000000000000000::/64");
        assertThat(ClientAddress.network("10.0.0.1")).isEqualTo("10.0.0.1");
        assertThat(ClientAddress.network("")).isEmpty();
    }

    private static String spelled(byte[] bytes, String format) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 16; i += 2) {
            text.append(i == 0 ? "" : ":")
                    .append(String.format(Locale.ROOT, format, ((bytes[i] & 0xFF) << 8) | (bytes[i + 1] & 0xFF)));
        }
        return text.toString();
    }
}
