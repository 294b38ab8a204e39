package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.GrantId;
import io.lockgate.range.LockSpace;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisKeysTest {
    private static final RedisKeys KEYS = new RedisKeys(64);

    @Test
    @DisplayName("All keys of a script are in one slot of a cluster, whatever the stream's name")
    void oneSlot() {
        assertThat(slot("123456789"))
                .as("the example of the cluster specification")
                .isEqualTo(0x31C3);
        for (int bucket = 0; bucket < 64; bucket++) {
            for (String stream : List.of("1", "{x}", "}{b9}:rows", "", "é:{", "a:b:c")) {
                List<String> keys = KEYS.ofSpace(bucket, "0".repeat(24), RedisKeys.text(new LockSpace(7, "3", stream)));
                keys.add(KEYS.result(bucket, "f".repeat(24)));
                assertThat(keys.stream().map(RedisKeysTest::slot).collect(Collectors.toSet()))
                        .as("slots of %s", keys)
                        .hasSize(1);
            }
        }
    }

    @Test
    @DisplayName("Each bucket has a slot of its own")
    void differentSlots() {
        Set<Integer> slots =
                IntStream.range(0, 64).mapToObj(b -> slot(KEYS.rows(b))).collect(Collectors.toSet());
        assertThat(slots).hasSize(64);
    }

    @Test
    @DisplayName("Different spaces have different keys, also if file, snapshot and stream concatenate to the same text")
    void spacesApart() {
        List<LockSpace> spaces = List.of(
                new LockSpace(1, "", "2"),
                new LockSpace(1, "2", ""),
                new LockSpace(1, "2", ":"),
                new LockSpace(1, "", "2:"),
                new LockSpace(12, "", ""),
                new LockSpace(1, "", ""),
                new LockSpace(-1, "", "1"),
                new LockSpace(1, "", "levels:1"));
        Set<String> keys = new HashSet<>();
        for (LockSpace space : spaces) {
            List<String> ofSpace = KEYS.ofSpace(0, "id", RedisKeys.text(space));
            int first = KEYS.ofBucket(0, "id").size();
            keys.addAll(ofSpace.subList(first, first + 6));
        }
        assertThat(keys).hasSize(6 * spaces.size());
    }

    @ParameterizedTest
    @DisplayName("The bucket of a file never changes between versions")
    @CsvSource({
        "0,0,0",
        "1,37,5",
        "2,10,2",
        "42,34,2",
        "1000000,22,6",
        "9223372036854775808,10,2",
        "18446744073709551615,59,3"
    })
    void pinned(String file, int of64, int of8) {
        long id = Long.parseUnsignedLong(file);
        assertThat(KEYS.bucketOf(id)).isEqualTo(of64);
        assertThat(new RedisKeys(8).bucketOf(id)).isEqualTo(of8);
    }

    @Test
    @DisplayName("Files with consecutive ids, or ids that differ in high bits only, spread over the buckets")
    void spread() {
        for (int shift : List.of(0, 6, 20, 40, 50)) {
            long[] load = new long[64];
            LongStream.range(0, 6_400).forEach(i -> load[KEYS.bucketOf(i << shift)]++);
            for (long files : load) {
                assertThat(files)
                        .as("files << %d in a bucket of about 100", shift)
                        .isBetween(50L, 160L);
            }
        }
    }

    @Test
    @DisplayName("A grant id of a bucket that does not exist is recognised")
    void has() {
        assertThat(KEYS.has(new GrantId(63, 1))).isTrue();
        assertThat(KEYS.has(new GrantId(64, 1))).isFalse();
    }

    /** As the cluster specification has it: CRC16 (XMODEM) of what stands between the first braces. */
    private static int slot(String key) {
        int open = key.indexOf('{');
        int close = open < 0 ? -1 : key.indexOf('}', open + 1);
        String hashed = close > open + 1 ? key.substring(open + 1, close) : key;
        int crc = 0;
        for (byte b : hashed.getBytes(StandardCharsets.UTF_8)) {
            crc ^= (b & 0xFF) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            }
            crc &= 0xFFFF;
        }
        return key.equals("123456789") ? crc : crc % 16384;
    }
}
