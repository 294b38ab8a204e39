package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of forwarded headers for Quarkus' parser to read. */
class ForwardedHeadersTest {
    @DisplayName("The first element of X-Forwarded-For is kept, as a canonical address")
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.7|203.0.113.7",
                "203.0.113.7, 10.0.0.1|203.0.113.7",
                "203.0.113.7 , 10.0.0.1|203.0.113.7",
                "203.0.113.7:4711|203.0.113.7",
                "2001:DB8:0:0:0:0:0:7|2001:db8::7",
                "[2001:db8::7]|2001:db8::7",
                "[2001:db8::7]:443|2001:db8::7",
                "::ffff:203.0.113.7|203.0.113.7",
            })
    void addressIsLeft(String header, String left) {
        assertThat(rewritten("X-Forwarded-For", header)).containsExactly(left);
    }

    @DisplayName("A text that is no address becomes one that no client can have")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ":",
                ":443",
                ",203.0.113.7",
                " , 203.0.113.7",
                "unknown",
                "_hidden",
                "gateway",
                "1",
                "010.0.0.1",
                "203.0.113.7:",
                "203.0.113.7:x",
                "203.0.113.7:65536",
                "203.0.113.7:+1",
                "[2001:db8::7",
                "2001:db8::7]",
                "[]",
                "[]:1",
                "[2001:db8::7]443",
                "[2001:db8::7]:",
                "[2001:db8::7]:x",
                "[203.0.113.7]x",
                "fe80::1%eth0",
                "::",
                "0.0.0.0",
                "[",
                "2001:db8::7:",
                "203.0.113.7 10.0.0.1",
                "203.0.113.7;10.0.0.1",
                "\"203.0.113.7\""
            })
    void otherIsUnusable(String header) {
        assertThat(rewritten("X-Forwarded-For", header)).containsExactly(ForwardedHeaders.UNUSABLE);
    }

    @DisplayName("The first element of Forwarded is kept, with its address in canonical form")
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    for=203.0.113.7|for="203.0.113.7"
                    For=203.0.113.7;Proto=https, for=10.0.0.1;proto=http|for="203.0.113.7";proto=https
                    for="[2001:DB8::7]:4711";by=_x;host="gw.example:8443"|for="2001:db8::7";host="gw.example:8443"
                    proto=https|proto=https
                    by="for=10.0.0.1";for=203.0.113.7|for="203.0.113.7"
                    for=203.0.113.7;proto=javascript|for="203.0.113.7"
                    for=unknown;proto=https|for="0.0.0.0";proto=https
                    for=_hidden|for="0.0.0.0"
                    for=203.0.113.7;for=10.0.0.1|for="0.0.0.0"
                    """)
    void forwardedIsLeft(String header, String left) {
        assertThat(rewritten("Forwarded", header)).containsExactly(left);
    }

    @DisplayName("A Forwarded header that is not well-formed names no address")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                ", for=203.0.113.7",
                "for",
                "for=",
                "for=;proto=http",
                "for=\"203.0.113.7",
                "=203.0.113.7",
                "for=a b",
                "for=203.0.113.7;",
                "for=\"\\",
                "for=(x)"
            })
    void malformedIsUnusable(String header) {
        assertThat(rewritten("Forwarded", header)).containsExactly("for=0.0.0.0");
    }

    @DisplayName("Only the first line counts, and absent headers stay absent")
    @Test
    void firstLine() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        headers.add("x-forwarded-for", "203.0.113.7").add("X-Forwarded-For", "unknown");
        ForwardedHeaders.rewrite(headers);
        assertThat(headers.getAll("X-Forwarded-For")).containsExactly("203.0.113.7");
        assertThat(headers.contains("Forwarded")).isFalse();
    }

    private static List<String> rewritten(String name, String value) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add(name, value);
        ForwardedHeaders.rewrite(headers);
        return headers.getAll(name);
    }
}
