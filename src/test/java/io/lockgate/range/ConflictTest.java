package io.lockgate.range;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a refusal says is free (docs/lock-semantics.md, "Refusals"). */
class ConflictTest {
    private static final ByteRange ALL = ByteRange.between(0, -1);

    @Test
    @DisplayName("The free parts are those between blockers, and behind the last one if no more follow")
    void partsBetween() {
        assertThat(free(false, ByteRange.between(0, 0), ByteRange.between(2, 5)))
                .containsExactly(ByteRange.between(1, 1), ByteRange.between(6, -1));
        assertThat(free(false, ByteRange.between(2, -1))).containsExactly(ByteRange.between(0, 1));
    }

    @Test
    @DisplayName("If more blockers follow, nothing is said of the bytes behind the last listed one")
    void nothingBehindTheLastListed() {
        assertThat(free(true, ByteRange.between(0, 0), ByteRange.between(2, 5)))
                .containsExactly(ByteRange.between(1, 1));
    }

    @Test
    @DisplayName("If the last listed blocker has no bytes, the part before it is free")
    void zeroLengthLast() {
        assertThat(free(true, ByteRange.between(2, 2), ByteRange.zeroLength(5)))
                .containsExactly(ByteRange.between(0, 1), ByteRange.between(3, 4));
        assertThat(free(true, ByteRange.between(0, 4), ByteRange.zeroLength(5))).isEmpty();
        assertThat(free(true, ByteRange.between(0, -1), ByteRange.zeroLength(5)))
                .isEmpty();
    }

    @Test
    @DisplayName("When nothing is in the way any more all of the range is free, and of an open no part")
    void over() {
        assertThat(Conflict.over(grant(ByteRange.between(2, 5))).free()).containsExactly(ByteRange.between(2, 5));
        assertThat(Conflict.over(grant(ByteRange.zeroLength(5))).free()).isEmpty();
        Conflict open = Conflict.over(grant(LockMode.READ, ByteRange.ALL));
        assertThat(open.free()).isEmpty();
        assertThat(open.retryAfter()).isZero();
    }

    private static List<ByteRange> free(boolean more, ByteRange... blockers) {
        return Conflict.explain(
                        ALL, Stream.of(blockers).map(ConflictTest::grant).toList(), more)
                .free();
    }

    private static Grant grant(ByteRange range) {
        return grant(LockMode.EXCLUSIVE, range);
    }

    private static Grant grant(LockMode mode, ByteRange range) {
        return new Grant(
                new GrantId(0, 1),
                LockSpace.head(1),
                Protocol.SMB,
                LockModes.of(mode),
                range,
                new Owner("p", "o", ""),
                "",
                "",
                new FencingToken(1),
                false,
                null,
                Optional.empty(),
                Grant.HELD);
    }
}
