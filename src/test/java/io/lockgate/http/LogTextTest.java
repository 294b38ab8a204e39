package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LogTextTest {
    @Test
    @DisplayName("Line breaks, cursor movements and direction marks are escaped")
    void escapes() {
        String[][] pairs = {
            {"a\nb", "a\\nb"},
            {"a\r\nb", "a\\r\\nb"},
            {"a\tb", "a\\tb"},
            {"\u001B[2Jx", "\\u001b[2Jx"},
            {"bell\u0007", "bell\\u0007"},
            {"\u0085x", "\\u0085x"},
            {"a\u2028b", "a\\u2028b"},
            {"a\u2029b", "a\\u2029b"},
            {"\u202Eabc", "\\u202eabc"},
            {"\u2066abc", "\\u2066abc"},
            {"x\u007F", "x\\u007f"},
            {"lone \uD800 one", "lone \\ud800 one"}
        };
        for (String[] pair : pairs) {
            assertThat(LogText.value(pair[0])).isEqualTo(pair[1]);
            assertThat(LogText.value(pair[1])).as("twice").isEqualTo(pair[1]);
        }
    }

    @Test
    @DisplayName("Other text of any script stays the same object")
    void leavesText() {
        for (String text :
                new String[] {"", "GET /v1/files", "gr\u00FC\u00DFe", "\u65E5\u672C\u8A9E", "\uD83D\uDE00 \\n"}) {
            assertThat(LogText.escaped(text, 100)).isSameAs(text);
        }
    }

    @Test
    @DisplayName("A long text is truncated, states its length, and never exceeds the limit")
    void cuts() {
        for (String piece : new String[] {"x", "\n", "\u00FC", "\uD83D\uDE00", "\u0001"}) {
            for (int count : new int[] {60, 99, 100, 101, 30_000}) {
                for (String first : new String[] {"", "x"}) {
                    String text = first + piece.repeat(count);
                    String shown = LogText.escaped(text, 100);
                    assertThat(shown).hasSizeLessThanOrEqualTo(100);
                    assertThat(LogText.escaped(shown, 100)).as("twice").isEqualTo(shown);
                    if (text.length() > 100) {
                        assertThat(shown).endsWith("… (" + text.length() + " characters)");
                    }
                }
            }
        }
    }
}
