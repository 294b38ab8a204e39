package io.lockgate.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilePathTest {

    @ParameterizedTest
    @DisplayName("A valid path is kept byte for byte")
    @ValueSource(
            strings = {
                "/",
                "/a",
                "/a/b",
                "/a b/c%d+e",
                "/%2e",
                "/%2e%2e/a",
                "/a%2Fb",
                "/...",
                "/.a",
                "/a.",
                "/..a/.b.",
                "/ ",
                "/a\tb\nc\u007f",
                "/\u00e9",
                "/e\u0301",
                "/\ud83d\udd12",
                "/\ufffd",
                "/A/a",
                "/a\\b",
                "/~"
            })
    void takesAsItIs(String text) {
        assertThat(FilePath.parse(text).text()).isEqualTo(text);
        assertThat(new FilePath(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @DisplayName("One slash at the end is dropped, except for the root")
    @CsvSource({"/a/, /a", "/a/b/, /a/b", "/.a/, /.a", "/, /"})
    void dropsTrailingSlash(String text, String path) {
        assertThat(FilePath.parse(text)).isEqualTo(new FilePath(path));
    }

    @ParameterizedTest
    @DisplayName("A text that names no file is refused, and the message says why")
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "'', slash",
                "a, slash",
                "a/b, slash",
                "./a, slash",
                "' /a', slash",
                "//, empty segment",
                "///, empty segment",
                "//a, empty segment",
                "/a//b, empty segment",
                "/a//, empty segment",
                "/., segment '.'",
                "/./, segment '.'",
                "/a/./b, segment '.'",
                "/.., segment '..'",
                "/../, segment '..'",
                "/a/../b, segment '..'",
                "/a/.., segment '..'"
            })
    void refuses(String text, String why) {
        // CSV quotes are taken by the reader, so the quotes of the message are not compared.
        assertThatExceptionOfType(BadPathException.class)
                .isThrownBy(() -> FilePath.parse(text))
                .satisfies(e -> assertThat(String.valueOf(e.getMessage()).replace("'", ""))
                        .contains(why.replace("'", "")));
    }

    /** NUL ends a string in C and cannot be stored; a lone surrogate has no UTF-8 form. */
    @ParameterizedTest
    @DisplayName("NUL and lone surrogates are refused")
    @ValueSource(strings = {"/\0", "/a\0b", "/a\0/", "/\ud83d", "/\udd12", "/\udd12\ud83d", "/a\ud83d/b"})
    void refusesWhatCannotBeKept(String text) {
        assertThatExceptionOfType(BadPathException.class)
                .isThrownBy(() -> FilePath.parse(text))
                .withMessageMatching("holds a (NUL|lone surrogate).*");
    }

    @ParameterizedTest
    @DisplayName("The limit is 4096 bytes of UTF-8, whatever the number of characters")
    @CsvSource({"a, 4095, 0", "\u00e9, 2047, 1", "\u20ac, 1365, 0", "\ud83d\udd12, 1023, 3"})
    void limitsBytes(String character, int fitting, int padding) {
        String longest = "/" + "x".repeat(padding) + character.repeat(fitting);

        assertThat(FilePath.parse(longest).text()).isEqualTo(longest);
        assertThat(FilePath.parse(longest + "/").text()).isEqualTo(longest);
        assertThatExceptionOfType(BadPathException.class)
                .isThrownBy(() -> FilePath.parse(longest + "x"))
                .withMessageContaining("4096 bytes");
        assertThatExceptionOfType(BadPathException.class)
                .isThrownBy(() -> FilePath.parse("/".repeat(10_000_000)))
                .withMessageContaining("4096 bytes");
    }

    @Test
    @DisplayName("A path cannot be constructed with a trailing slash")
    void hasOneForm() {
        assertThatExceptionOfType(BadPathException.class)
                .isThrownBy(() -> new FilePath("/a/"))
                .withMessageContaining("ends with a slash");
    }

    @Test
    @DisplayName("A directory's entry is one segment longer")
    void hasChildren() {
        assertThat(FilePath.ROOT.child("a")).isEqualTo(new FilePath("/a"));
        assertThat(new FilePath("/a").child("b c")).isEqualTo(new FilePath("/a/b c"));
    }

    @ParameterizedTest
    @DisplayName("A name must be one segment")
    @ValueSource(strings = {"", "/", "a/", "/a", "a/b", ".", "..", "a\0"})
    void refusesNames(String name) {
        assertThatExceptionOfType(BadPathException.class).isThrownBy(() -> FilePath.ROOT.child(name));
        assertThatExceptionOfType(BadPathException.class).isThrownBy(() -> new FilePath("/a").child(name));
    }

    @Test
    @DisplayName("A path cannot forge a line in the log")
    void isEscapedInLogs() {
        assertThat(new FilePath("/a\n2025 ERROR\u001b[0m\u2028\\n").toString())
                .isEqualTo("/a\\u000a2025 ERROR\\u001b[0m\\u2028\\\\n");
    }
}
