package io.lockgate.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileRefTest {

    @ParameterizedTest
    @DisplayName("Digits are an id, over all of unsigned 64 bits")
    @ValueSource(
            strings = {
                "0",
                "7",
                "4000201",
                "9007199254740993",
                "4611686018427387904",
                "9223372036854775808",
                "18446744073709551615"
            })
    void readsIds(String text) {
        assertThat(FileRef.parse(text)).isEqualTo(new FileRef.ById(Long.parseUnsignedLong(text)));
        assertThat(FileRef.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @DisplayName("An id has one spelling, and 2^64 is no id")
    @ValueSource(
            strings = {
                "",
                "+7",
                "-1",
                "-0",
                "007",
                "00",
                "0x10",
                "1e3",
                "1.0",
                " 7",
                "7 ",
                "7/",
                "a",
                "%2Fa",
                "a/b",
                "\u0667",
                "\uff17",
                "18446744073709551616",
                "99999999999999999999",
                "100000000000000000000"
            })
    void refuses(String text) {
        assertThatExceptionOfType(BadPathException.class).isThrownBy(() -> FileRef.parse(text));
    }

    @Test
    @DisplayName("A text with a leading slash is a path and follows the rules of paths")
    void readsPaths() {
        assertThat(FileRef.parse("/a b/")).isEqualTo(new FileRef.ByPath(new FilePath("/a b")));
        assertThat(FileRef.parse("/7")).isEqualTo(new FileRef.ByPath(new FilePath("/7")));
        assertThatExceptionOfType(BadPathException.class).isThrownBy(() -> FileRef.parse("/a/../b"));
    }

    @Test
    @DisplayName("The registry assigns ids in (2^62, 2^63), and never the root's")
    void registryHasIdsOfItsOwn() {
        for (int i = 0; i < 10_000; i++) {
            long id = FileIds.draw();
            assertThat(FileIds.isGivenByRegistry(id)).isTrue();
            assertThat(id).isGreaterThan(FileIds.ROOT);
        }
        assertThat(FileIds.isGivenByRegistry(FileIds.ROOT)).isTrue();
        assertThat(FileIds.isGivenByRegistry((1L << 62) - 1)).isFalse();
        assertThat(FileIds.isGivenByRegistry(Long.MAX_VALUE)).isTrue();
        assertThat(FileIds.isGivenByRegistry(Long.MIN_VALUE)).isFalse();
        assertThat(FileIds.isGivenByRegistry(-1)).isFalse();
        assertThat(FileIds.isGivenByRegistry(0)).isFalse();
    }
}
