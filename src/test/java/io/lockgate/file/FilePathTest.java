package io.lockgate.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilePathTest {

    /** A path that is in order is itself, byte for byte. */
    @ParameterizedTest
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

    /** One slash at the end is dropped, but the root is a slash. */
    @ParameterizedTest
    @CsvSource({"/a/, /a", "/a/b/, /a/b", "/.a/, /.a", "/, /"})
    void dropsTrailingSlash(String text, String path) {
        assertThat(FilePath.parse(text)).isEqualTo(new FilePath(path));
    }

    /** What names no file is refused, and the message says why. */
    @ParameterizedTest
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
    @ValueSource(strings = {"/\0", "/a\0b", "/a\0/", "/\ud83d", "/\udd12", "/\udd12\ud83d", "/a\ud83d/b"})
    void refusesWhatCannotBeKept(String text) {
        assertThatExceptionOfType(BadPathException.class)
                .isThrownBy(() -> FilePath.parse(text))
                .withMessageMatching("holds a (NUL|lone surrogate).*");
    }

    /** The limit is 4096 bytes of UTF-8, whatever the number of characters. */
    @ParameterizedTest
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

    /** Only the one form is a path: the record cannot be made with a trailing slash. */
    @Test
    void hasOneForm() {
        assertThatExceptionOfType(BadPathException.class)
                .isThrownBy(() -> new FilePath("/a/"))
                .withMessageContaining("ends with a slash");
    }

    /** An entry of a directory is one segment further down. */
    @Test
    void hasChildren() {
        assertThat(FilePath.ROOT.child("a")).isEqualTo(new FilePath("/a"));
        assertThat(new FilePath("/a").child("b c")).isEqualTo(new FilePath("/a/b c"));
    }

    /** A name is one segment. */
    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a/", "/a", "a/b", ".", "..", "a\0"})
    void refusesNames(String name) {
        assertThatExceptionOfType(BadPathException.class).isThrownBy(() -> FilePath.ROOT.child(name));
        assertThatExceptionOfType(BadPathException.class).isThrownBy(() -> new FilePath("/a").child(name));
    }

    /** A path cannot forge a line of a log. */
    @Test
    void isEscapedInLogs() {
        assertThat(new FilePath("/a\n2025 ERROR\u001b[0m\u2028\\n").toString())
                .isEqualTo("/a\\u000a2025 ERROR\\u001b[0m\\u2028\\\\n");
    }
}
