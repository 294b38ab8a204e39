package io.lockgate.app.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SettingsEncodingTest {
    private static final String WRITTEN = "gr\u00FC\u00DFe";

    private static byte[] environment(String text, Charset charset) {
        return ("HOME=/\0LOCKGATE_NODE_BUILD_ID=" + text + "\0X=\0").getBytes(charset);
    }

    private static Map<String, String> read(byte[] written, Charset by) {
        String all = new String(written, by);
        return Map.of("LOCKGATE_NODE_BUILD_ID", all.substring(all.indexOf("ID=") + 3, all.indexOf("\0X=")), "X", "");
    }

    @Test
    @DisplayName("UTF-8 read as ASCII or Latin-1 is reported once, with the remedy and without its value")
    void othersAreNamed() {
        byte[] utf8 = environment(WRITTEN, StandardCharsets.UTF_8);
        for (Charset by : new Charset[] {StandardCharsets.US_ASCII, StandardCharsets.ISO_8859_1}) {
            assertThat(SettingsEncoding.faults(read(utf8, by), utf8))
                    .singleElement()
                    .asString()
                    .startsWith("LOCKGATE_NODE_BUILD_ID holds characters that are not read as they are written")
                    .contains("LC_ALL=C.UTF-8")
                    .doesNotContain("gr");
        }
        assertThat(SettingsEncoding.faults(read(utf8, StandardCharsets.US_ASCII), new byte[0]))
                .hasSize(1);
    }

    @Test
    @DisplayName("Text in the encoding of the locale is accepted, UTF-8 or another")
    void goodPasses() {
        byte[] utf8 = environment(WRITTEN, StandardCharsets.UTF_8);
        assertThat(SettingsEncoding.faults(read(utf8, StandardCharsets.UTF_8), utf8))
                .isEmpty();
        byte[] latin = environment(WRITTEN, StandardCharsets.ISO_8859_1);
        assertThat(SettingsEncoding.faults(read(latin, StandardCharsets.ISO_8859_1), latin))
                .isEmpty();
        assertThat(SettingsEncoding.faults(Map.of("OTHER", "\uFFFD"), new byte[0]))
                .isEmpty();
    }

    @Test
    @DisplayName("A settings file with broken bytes is reported too")
    void files() {
        var config = new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(
                        Map.of(
                                "lockgate.node.build-id",
                                "gr\uFFFDe",
                                "lockgate.admin.body-limit",
                                "${nothing}",
                                "else",
                                "\uFFFD"),
                        "test",
                        100))
                .build();
        assertThat(SettingsEncoding.faults(config))
                .singleElement()
                .asString()
                .startsWith("lockgate.node.build-id holds U+FFFD");
    }
}
