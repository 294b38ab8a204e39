package io.lockgate.range;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.smallrye.mutiny.Uni;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What every {@link RangeLockTable} must do: the cases of docs/lock-semantics.md that a table can answer by itself, and
 * what it says of merging, tokens, leases and lists.
 *
 * <p>To put another store under test, extend this and give its {@link #table()}. Each test has a space and principals
 * of its own, so the store may be shared and need not be flushed. The clock is the store's own; tests with leases wait.
 *
 * <p>Cases that have no counterpart at this port, by id:
 * <ul>
 *   <li>P18, P46, M03, M09's close, M35, M42, M43, M50, P34's truncate: files have no opens, data or I/O here.
 *   <li>P16's and P34's session end, P35's kill, N03-N06, N09-N11, N20, L02, L10, L22, L23: sessions, grace and loss of
 *       the store are above or beside this port; here stand their range halves (free all, lease end).
 *   <li>N01, N02, N16, M31-M33, Q14: waiting, in {@link LockQueueContract}. P45 with waiting, in {@link
 *       WaitGraphContract}. M34 is as M03: no opens.
 *   <li>M01, M02, M13, N21, M44, Q01-Q03's limits, F02, F03, H*: shapes of requests, sequence numbers, HTTP. An unlock
 *       has no mode here, so none can be wrong.
 *   <li>P40's length 0: our {@code size} 0 means "to 2^64-1" (P32, Q08).
 *   <li>L14: nothing waits at this port; every refusal is immediate.
 *   <li>L05: a Jepsen run; L11's parallel counter is its small sister.
 * </ul>
 */
public abstract class RangeLockTableContract {
    /** In POSIX, size 0 is "to 2^64-1". */
    private static final long EOF = 0;

    private static final long MAX = ByteRange.MAX;
    private static final long MAX_SIGNED = Long.MAX_VALUE;
    private static final LockModes X = LockModes.of(LockMode.EXCLUSIVE);
    private static final LockModes S = LockModes.of(LockMode.SHARED);
    private static final LockModes W = LockModes.of(LockMode.WRITE_OP);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String principal =
            "contract-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 60), 36);
    private final Holder a = nlm("A");
    private final Holder b = nlm("B");
    private final Holder c = nlm("C");
    private final Holder h1 = smb("h1");
    private final Holder h2 = smb("h2");
    private RangeLockTable table = new InMemoryRangeLockTable(System::currentTimeMillis, false, 0);
    private LockSpace space = LockSpace.head(0);

    /** The table under test, in which POSIX and SMB are isolated. */
    protected abstract RangeLockTable table();

    /** A table in which one owner may hold {@code ranges} ranges per space; empty leaves the tests of limits out. */
    protected Optional<RangeLockTable> tableWithLimit(int ranges) {
        return Optional.empty();
    }

    /**
     * A table in which one principal may hold {@code grants} grants in a bucket; empty leaves the test of that limit
     * out.
     */
    protected Optional<RangeLockTable> tableWithGrantLimit(int grants) {
        return Optional.empty();
    }

    /** A table with {@code cross-protocol=enforced}; empty leaves its tests out. */
    protected Optional<RangeLockTable> enforcedTable() {
        return Optional.empty();
    }

    /** A space nobody else uses. */
    protected LockSpace freshSpace() {
        return LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    }

    /** The shortest lease worth waiting for. */
    protected Duration shortLease() {
        return Duration.ofSeconds(1);
    }

    @BeforeEach
    void begin() {
        table = table();
        space = freshSpace();
    }

    // ----------------------------------------------------------------------------- POSIX: one owner by itself

    @Test
    @DisplayName("P01 a lock that is acquired and released leaves nothing")
    void p01() {
        a.granted(X, 1, 10);
        assertThat(a.released(1, 10)).isEqualTo(1);
        stands();
    }

    @Test
    @DisplayName("P02 locks of one owner do not merge across gaps")
    void p02() {
        a.granted(X, 10, 10);
        a.granted(X, 30, 10);
        a.granted(X, 50, 10);
        a.granted(X, 1, 5);
        a.granted(X, 70, 5);
        stands("A X(1,5)", "A X(10,10)", "A X(30,10)", "A X(50,10)", "A X(70,5)");
    }

    @Test
    @DisplayName("P04 a lock over the owner's own absorbs it, from either side and from both")
    void p04() {
        a.granted(X, 30, 10);
        a.granted(X, 30, 15);
        stands("A X(30,15)");
        a.granted(X, 25, 20);
        stands("A X(25,20)");
        a.granted(X, 22, 26);
        stands("A X(22,26)");
    }

    @Test
    @DisplayName("P05 a lock inside the owner's own changes nothing, not even the token")
    void p05() {
        Grant held = a.granted(X, 30, 10);
        assertThat(List.of(a.granted(X, 30, 5), a.granted(X, 32, 6), a.granted(X, 32, 8), a.granted(X, 30, 10)))
                .allSatisfy(grant -> assertThat(grant).isEqualTo(held));
        stands("A X(30,10)");
    }

    @Test
    @DisplayName("P07 locks that overlap or touch become one")
    void p07() {
        a.granted(X, 30, 10);
        a.granted(X, 35, 10);
        Grant last = a.granted(X, 45, 2);
        assertThat(shown(last)).isEqualTo("A X(30,17)");
        stands("A X(30,17)");
    }

    @Test
    @DisplayName("P07 a lock that fills a gap joins both sides")
    void p07FillsGap() {
        a.granted(S, 0, 5);
        a.granted(S, 10, 5);
        a.granted(S, 5, 5);
        stands("A S(0,15)");
    }

    @Test
    @DisplayName("P08 shared over the owner's own exclusive is granted, covering it or inside it")
    void p08() {
        a.granted(X, 30, 10);
        a.granted(S, 25, 20);
        stands("A S(25,20)");
        a.granted(X, 30, 10);
        stands("A S(25,5)", "A X(30,10)", "A S(40,5)");
    }

    @Test
    @DisplayName("P09 only exclusive locks of others refuse, and unlocking nothing succeeds")
    void p09() {
        a.granted(X, 30, 10);
        a.granted(S, 50, 10);
        b.isRefused(X, 30, 10);
        b.granted(S, 50, 10);
        b.isRefused(S, 30, 10);
        assertThat(b.released(30, 10)).isZero();
        a.released(30, 10);
        b.granted(X, 30, 10);
        stands("B X(30,10)", "A S(50,10)", "B S(50,10)");
    }

    @ParameterizedTest
    @CsvSource({
        "SHARED,SHARED,20,true",
        "SHARED,SHARED,15,true",
        "SHARED,EXCLUSIVE,20,true",
        "SHARED,EXCLUSIVE,15,false",
        "EXCLUSIVE,SHARED,19,false",
        "EXCLUSIVE,EXCLUSIVE,19,false",
        "READ_OP,READ_OP,15,true",
        "READ_OP,SHARED,15,true",
        "READ_OP,WRITE_OP,15,false",
        "WRITE_OP,SHARED,15,false",
        "WRITE_OP,WRITE_OP,15,false",
        "WRITE_OP,EXCLUSIVE,20,true"
    })
    @DisplayName("P15 two owners may share a byte in shared modes only; disjoint ranges never conflict")
    void p15(LockMode first, LockMode second, long offset, boolean granted) {
        a.granted(LockModes.of(first), 10, 10);
        assertThat(b.tests(LockModes.of(second), offset, 10).isEmpty()).isEqualTo(granted);
        assertThat(b.outcome(LockModes.of(second), offset, 10) instanceof Acquisition.Granted)
                .isEqualTo(granted);
    }

    @Test
    @DisplayName("P15 of several modes the strongest counts, and they are kept in the order of the enum")
    void p15SeveralModes() {
        Grant held = a.granted(LockModes.of(LockMode.READ_OP, LockMode.SHARED), 0, 10);
        assertThat(held.modes()).containsExactly(LockMode.SHARED, LockMode.READ_OP);
        b.granted(S, 0, 10);
        b.isRefused(LockModes.of(LockMode.SHARED, LockMode.WRITE_OP), 0, 10);
    }

    @Test
    @DisplayName("P16 P34 P35 an owner that releases everything leaves every byte to others")
    void p16() {
        a.granted(X, 0, EOF);
        b.isRefused(X, 1, 5);
        assertThat(get(table.releaseAll(mine(Protocol.NLM, "A")))).isEqualTo(1);
        b.granted(X, 1, 5);
        b.granted(X, 0, EOF);
        stands("B X(0,EOF)");
    }

    @Test
    @DisplayName("P34 releasing all of one owner's two ranges touches no other owner's")
    void p34() {
        a.granted(X, 0, 5);
        a.granted(S, 10, 5);
        b.granted(S, 12, 5);
        assertThat(get(table.releaseAll(mine(Protocol.NLM, "A")))).isEqualTo(2);
        stands("B S(12,5)");
    }

    @Test
    @DisplayName("P19 a test names the first blocking lock, with its whole range")
    void p19() {
        a.granted(X, 10, 5);
        a.granted(S, 1, 5);
        assertThat(blockers(b.tests(X, 0, EOF))).containsExactly("A S(1,5)", "A X(10,5)");
        assertThat(blockers(b.tests(X, 6, EOF))).containsExactly("A X(10,5)");
        assertThat(b.tests(X, 15, EOF)).isEmpty();
        assertThat(blockers(b.tests(S, 0, EOF))).containsExactly("A X(10,5)");
    }

    @Test
    @DisplayName("P20 locks of two modes that touch stay two")
    void p20() {
        a.granted(X, 10, 5);
        a.granted(S, 5, 5);
        stands("A S(5,5)", "A X(10,5)");
    }

    @Test
    @DisplayName("P21 a lock of another mode trims what it overlaps")
    void p21() {
        a.granted(X, 10, 5);
        a.granted(S, 5, 6);
        stands("A S(5,6)", "A X(11,4)");
        a.granted(S, 14, 5);
        stands("A S(5,6)", "A X(11,3)", "A S(14,5)");
    }

    @Test
    @DisplayName("P23 a lock of another mode inside splits into three")
    void p23() {
        a.granted(X, 10, 10);
        a.granted(S, 13, 5);
        stands("A X(10,3)", "A S(13,5)", "A X(18,2)");
    }

    @Test
    @DisplayName("P25 directly after or a byte after, two modes stay two; the byte between is free")
    void p25() {
        a.granted(X, 10, 5);
        a.granted(S, 15, 5);
        stands("A X(10,5)", "A S(15,5)");
        a.granted(X, 30, 5);
        a.granted(S, 36, 5);
        b.granted(X, 35, 1);
        stands("A X(10,5)", "A S(15,5)", "A X(30,5)", "B X(35,1)", "A S(36,5)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5|5|0|A X(10,5)",
                "5|4|0|A X(10,5)",
                "5|7|1|A X(12,3)",
                "10|2|1|A X(12,3)",
                "12|1|1|A X(10,2);A X(13,2)",
                "13|9|1|A X(10,3)",
                "15|5|0|A X(10,5)",
                "10|5|1|",
                "0|0|1|",
                "12|0|1|A X(10,2)"
            })
    @DisplayName("P26 an unlock releases exactly the named bytes")
    void p26(long offset, long size, long freed, @Nullable String state) {
        a.granted(X, 10, 5);
        assertThat(a.released(offset, size)).isEqualTo(freed);
        stands(state == null ? new String[0] : state.split(";"));
    }

    @Test
    @DisplayName("P27 unlocking the middle releases that byte only, and each end by itself")
    void p27() {
        a.granted(X, 0, 3);
        a.released(1, 1);
        assertThat(b.finds(X, 0, 1)).isFalse();
        assertThat(b.finds(X, 2, 1)).isFalse();
        assertThat(b.finds(X, 3, EOF)).isTrue();
        assertThat(b.finds(X, 1, 1)).isTrue();
        a.released(0, 1);
        a.released(2, 1);
        assertThat(b.finds(X, 0, 3)).isTrue();
        a.granted(X, 1, 3);
        a.released(2, 1);
        truthTable(Set.of(1L, 3L));
    }

    @Test
    @DisplayName("P28 on a file never locked every probe is free")
    void p28() {
        for (long[] probe : PROBES) {
            assertThat(b.finds(X, probe[0], probe[1]))
                    .as("%d,%d", probe[0], probe[1])
                    .isTrue();
        }
    }

    @Test
    @DisplayName("P29 under a lock of the whole file every probe is refused")
    void p29() {
        a.granted(X, 0, EOF);
        for (long[] probe : PROBES) {
            assertThat(b.finds(X, probe[0], probe[1]))
                    .as("%d,%d", probe[0], probe[1])
                    .isFalse();
            assertThat(b.finds(S, probe[0], probe[1]))
                    .as("%d,%d", probe[0], probe[1])
                    .isFalse();
        }
    }

    private static final long[][] PROBES = {
        {0, 1},
        {0, EOF},
        {0, MAX_SIGNED},
        {0, MAX},
        {1, 1},
        {1, EOF},
        {1, MAX},
        {MAX_SIGNED, 1},
        {MAX_SIGNED, EOF},
        {MAX, 1},
        {MAX, EOF}
    };

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0", "1", "0,2", "9007199254740991,9007199254740993", "-9223372036854775808", "-1", "-2,0"})
    @DisplayName("P30 exactly the held bytes are refused, whatever the probe, wherever the bytes")
    void p30(String bytes) {
        Set<Long> held = new HashSet<>();
        for (String one : bytes.split(",", -1)) {
            held.add(Long.parseLong(one));
        }
        held.forEach(one -> a.granted(X, one, 1));
        truthTable(held);
    }

    /** Probes every range with both ends at most two bytes from a held one, and every tail. */
    private void truthTable(Set<Long> held) {
        Set<Long> ends = new HashSet<>();
        for (long one : held) {
            for (long delta = -2; delta <= 2; delta++) {
                BigInteger end = unsigned(one).add(BigInteger.valueOf(delta));
                if (end.signum() >= 0 && end.bitLength() <= 64) {
                    ends.add(end.longValue());
                }
            }
        }
        for (long first : ends) {
            for (long last : ends) {
                if (Long.compareUnsigned(first, last) <= 0) {
                    assertThat(b.finds(X, ByteRange.between(first, last)))
                            .as("[%s,%s]", Long.toUnsignedString(first), Long.toUnsignedString(last))
                            .isEqualTo(held.stream()
                                    .noneMatch(byteAt ->
                                            ByteRange.between(first, last).covers(ByteRange.between(byteAt, byteAt))));
                }
            }
            assertThat(b.finds(X, first, EOF))
                    .as("[%s,EOF]", Long.toUnsignedString(first))
                    .isEqualTo(held.stream().noneMatch(byteAt -> Long.compareUnsigned(byteAt, first) >= 0));
        }
    }

    @Test
    @DisplayName("P32 P40 the highest bytes can be locked; a range past 2^64 is an error and never wraps")
    void p32() {
        a.granted(X, MAX_SIGNED, 1);
        b.granted(X, MAX_SIGNED + 1, 1);
        a.granted(X, MAX, 1);
        stands("A X(9223372036854775807,1)", "B X(9223372036854775808,1)", "A X(18446744073709551615,EOF)");
        assertThatThrownBy(() -> a.granted(X, MAX, 2)).isInstanceOf(InvalidRangeException.class);
        assertThatThrownBy(() -> a.released(6, -5)).isInstanceOf(InvalidRangeException.class);
        assertThatThrownBy(() -> a.tests(X, 5, -4)).isInstanceOf(InvalidRangeException.class);
        assertThat(ByteRange.of(LockSemantics.POSIX, 4, -4)).isEqualTo(ByteRange.between(4, MAX));
    }

    @Test
    @DisplayName("P36 a lock that overlaps the owner's own is reported as one")
    void p36() {
        a.granted(X, 25, 75);
        a.granted(X, 50, 75);
        assertThat(blockers(b.tests(S, 30, 1))).containsExactly("A X(25,100)");
    }

    @Test
    @DisplayName("P37 downgrade and upgrade change the mode in one step")
    void p37() {
        a.granted(X, 25, 75);
        a.granted(S, 25, 75);
        assertThat(blockers(b.tests(X, 25, 75))).containsExactly("A S(25,75)");
        a.granted(X, 25, 75);
        assertThat(blockers(b.tests(S, 25, 75))).containsExactly("A X(25,75)");
        stands("A X(25,75)");
    }

    @Test
    @DisplayName("P37 during a downgrade and an upgrade the bytes are never free")
    void p37NoFreeMoment() throws Exception {
        a.granted(X, 0, 10);
        onThreads(2, thread -> {
            for (int i = 0; i < 100; i++) {
                if (thread == 0) {
                    a.granted(i % 2 == 0 ? S : X, 0, 10);
                } else {
                    b.isRefused(X, 3, 2);
                }
            }
            return null;
        });
    }

    @Test
    @DisplayName("P37 a refused upgrade keeps the shared lock, its id, token and everything else")
    void p37RefusedUpgrade() {
        Grant held = a.granted(S, 0, 10);
        b.granted(S, 5, 10);
        assertThat(blockers(Optional.of(a.isRefused(X, 0, 10)))).containsExactly("B S(5,10)");
        assertThat(get(table.find(held.id()))).contains(held);
        stands("A S(0,10)", "B S(5,10)");
    }

    @Test
    @DisplayName("P39 an unlock beside, in the middle, and over the start")
    void p39() {
        a.granted(X, 100, 100);
        assertThat(a.released(0, 50)).isZero();
        assertThat(a.released(125, 50)).isEqualTo(1);
        stands("A X(100,25)", "A X(175,25)");
        a.granted(X, 100, 100);
        assertThat(a.released(50, 100)).isEqualTo(1);
        stands("A X(150,50)");
    }

    @Test
    @DisplayName("P41 owners with a different principal, id or name are different; the same three are the same owner")
    void p41() {
        Holder name = new Holder(Protocol.NLM, new Owner(principal, "A", "other-machine"));
        Holder account = new Holder(Protocol.NLM, new Owner(principal + "-2", "A", "machine"));
        Holder glued = new Holder(Protocol.NLM, new Owner(principal, "A:machine", ""));
        Holder again = new Holder(Protocol.NLM, new Owner(principal, "A", "machine"));
        a.granted(X, 0, 10);
        for (Holder other : List.of(name, account, glued, b)) {
            other.isRefused(X, 9, 1);
            other.isRefused(S, 0, EOF);
            assertThat(other.released(0, EOF)).isZero();
        }
        again.granted(X, 5, 10);
        stands("A X(0,15)");
        a.granted(S, 0, 15);
        for (Holder other : List.of(name, account, glued, b)) {
            other.granted(S, 0, 15);
        }
        assertThat(state()).hasSize(5);
    }

    @Test
    @DisplayName("P42 a probe of a free part or of the owner's own lock succeeds, of a held part is refused")
    void p42() {
        a.granted(X, 25, 75);
        assertThat(b.tests(X, 0, 25)).isEmpty();
        assertThat(blockers(b.tests(X, 50, 75))).containsExactly("A X(25,75)");
        assertThat(a.tests(X, 0, EOF)).isEmpty();
        stands("A X(25,75)");
    }

    @Test
    @DisplayName("P45 three owners each hold a range and are refused the others'")
    void p45WithoutWaiting() {
        a.granted(X, 0, 1);
        b.granted(X, 1, 1);
        c.granted(X, 2, 1);
        a.isRefused(X, 1, 1);
        b.isRefused(X, 2, 1);
        c.isRefused(X, 0, 1);
        stands("A X(0,1)", "B X(1,1)", "C X(2,1)");
    }

    @Test
    @DisplayName("POSIX rule 1: nlm and nfs4 locks conflict, replace and unlock one another, but do not merge")
    void nlmAndNfs4() {
        Holder nfs4 = new Holder(Protocol.NFS4, a.owner);
        Holder stranger = new Holder(Protocol.NFS4, b.owner);
        a.granted(X, 0, 10);
        stranger.isRefused(S, 9, 1);
        nfs4.granted(X, 4, 2);
        assertThat(state()).containsExactly("A X(0,4)", "A X(4,2)", "A X(6,4)");
        assertThat(a.released(3, 2)).isEqualTo(2);
        assertThat(state()).containsExactly("A X(0,3)", "A X(5,1)", "A X(6,4)");
        assertThat(nfs4.released(0, EOF)).isEqualTo(3);
        stands();
    }

    // ------------------------------------------------------------------------------------------- merging by kind

    @Test
    @DisplayName("Merging keeps the oldest id and addresses and takes the newest token and modes")
    void mergeKeepsAndTakes() {
        Grant first = a.at("10.0.0.1").granted(X, 0, 5);
        Grant second = a.at("10.0.0.2").granted(X, 10, 5);
        Grant all = a.at("10.0.0.3").granted(W, 5, 5);
        assertThat(all.id()).isEqualTo(first.id());
        assertThat(all.ownerAddress()).isEqualTo("10.0.0.1");
        assertThat(all.nodeAddress()).isEqualTo(first.nodeAddress());
        assertThat(all.modes()).isEqualTo(W);
        assertThat(all.token()).isGreaterThan(second.token());
        assertThat(get(table.find(second.id()))).contains(all);
        assertThat(get(table.find(first.id()))).contains(all);
    }

    @Test
    @DisplayName("Another mode array of equal strength draws a new token and applies to the whole range")
    void sameStrengthOtherArray() {
        Grant held = a.granted(X, 0, 10);
        Grant changed = a.granted(W, 3, 2);
        assertThat(changed.id()).isEqualTo(held.id());
        assertThat(changed.token()).isGreaterThan(held.token());
        assertThat(changed.modes()).isEqualTo(W);
        assertThat(changed.range()).isEqualTo(held.range());
        assertThat(state()).hasSize(1);
    }

    @Test
    @DisplayName("A leased lock and one until released do not merge; each replaces the other's bytes")
    void lifetimesDoNotMerge() {
        a.granted(X, 0, 10);
        Grant leased = a.leasing(Duration.ofHours(1)).granted(X, 4, 2);
        assertThat(leased.leased()).isTrue();
        stands("A X(0,4)", "A X(4,2)", "A X(6,4)");
        a.granted(X, 0, 10);
        stands("A X(0,10)");
        assertThat(get(table.find(leased.id()))).isEmpty();
    }

    @Test
    @DisplayName("A repeat keeps the token and sets a new end of the lease, earlier or later")
    void repeatMovesDeadline() {
        Grant held = a.leasing(Duration.ofHours(1)).granted(X, 0, 10);
        Grant longer = a.leasing(Duration.ofHours(3)).granted(X, 0, 10);
        Grant shorter = a.leasing(Duration.ofHours(2)).granted(X, 5, 1);
        assertThat(List.of(longer.token(), shorter.token())).containsOnly(held.token());
        assertThat(left(longer)).isBetween(Duration.ofMinutes(179), Duration.ofMinutes(180));
        assertThat(left(shorter)).isBetween(Duration.ofMinutes(119), Duration.ofMinutes(120));
        assertThat(shorter.range()).isEqualTo(held.range());
    }

    @Test
    @DisplayName("A merged grant has the end of the newest lease")
    void mergeTakesNewestDeadline() {
        a.leasing(Duration.ofHours(5)).granted(X, 0, 10);
        Grant merged = a.leasing(Duration.ofHours(2)).granted(X, 10, 10);
        assertThat(shown(merged)).isEqualTo("A X(0,20)");
        assertThat(left(merged)).isBetween(Duration.ofMinutes(119), Duration.ofMinutes(120));
    }

    @Test
    @DisplayName("In a split the left part keeps the id, the right part gets a new one, both keep the token")
    void splitNames() {
        Grant held = a.granted(X, 0, 10);
        a.released(4, 2);
        List<Grant> parts = grants();
        assertThat(shown(parts)).containsExactly("A X(0,4)", "A X(6,4)");
        assertThat(parts.get(0).id()).isEqualTo(held.id());
        assertThat(parts.get(1).id()).isNotEqualTo(held.id());
        assertThat(parts).extracting(Grant::token).containsOnly(held.token());
        assertThat(parts).extracting(Grant::ownerAddress).containsOnly(held.ownerAddress());
        assertThat(get(table.find(parts.get(1).id()))).contains(parts.get(1));
    }

    private static List<Grant> changed(Acquisition answer) {
        assertThat(answer).isInstanceOf(Acquisition.Granted.class);
        return ((Acquisition.Granted) answer).changed();
    }

    private ChangedGrants left(UnlockSpec unlock) {
        Release answer = get(table.release(space, unlock));
        assertThat(answer).isInstanceOf(Release.Released.class);
        return ((Release.Released) answer).left();
    }

    @Test
    @DisplayName(
            "An acquire names the other grants of its owner that it cut or made, and only these, with ids and tokens")
    void changedByAcquire() {
        assertThat(changed(a.outcome(X, 0, 30))).isEmpty();
        Grant whole = grants().getFirst();
        assertThat(changed(a.outcome(X, 0, 30))).as("a repeat").isEmpty();
        Acquisition downgrade = a.outcome(S, 10, 10);
        assertThat(shown(changed(downgrade))).containsExactly("A X(0,10)", "A X(20,10)");
        assertThat(changed(downgrade)).isEqualTo(List.of(grants().getFirst(), grants().getLast()));
        assertThat(changed(downgrade)).extracting(Grant::token).containsOnly(whole.token());
        assertThat(changed(downgrade).getFirst().id()).isEqualTo(whole.id());
        assertThat(shown(changed(a.outcome(S, 5, 10)))).as("a merge that trims").containsExactly("A X(0,5)");
        assertThat(changed(a.outcome(S, 0, 30))).as("a merge that replaces").isEmpty();
        assertThat(changed(b.outcome(S, 0, 30))).as("of another owner").isEmpty();
        assertThat(changed(h1.outcome(X, 0, 30))).isEmpty();
        assertThat(changed(h1.outcome(S, 0, 10))).as("smb never cuts").isEmpty();
    }

    @Test
    @DisplayName("A lock of another lifetime in the middle names both sides, each with its own time left")
    void changedByLifetime() {
        a.leasing(Duration.ofHours(1)).granted(X, 0, 30);
        List<Grant> sides = changed(a.outcome(X, 10, 10));
        assertThat(shown(sides)).containsExactly("A X(0,10)", "A X(20,10)");
        assertThat(sides).allMatch(side -> left(side).compareTo(Duration.ofMinutes(59)) > 0);
    }

    @Test
    @DisplayName("A release names what is left of the grants that it cut, of every owner that it releases for")
    void leftByRelease() {
        a.granted(X, 0, 30);
        ChangedGrants sides = left(a.unlock(10, 10));
        assertThat(shown(sides.grants())).containsExactly("A X(0,10)", "A X(20,10)");
        assertThat(sides.grants()).isEqualTo(grants());
        assertThat(left(a.unlock(0, 10))).as("a whole grant").isEqualTo(ChangedGrants.NONE);
        assertThat(left(a.unlock(100, 10))).as("nothing").isEqualTo(ChangedGrants.NONE);
        assertThat(shown(left(a.unlock(25, 100)).grants())).containsExactly("A X(20,5)");
        b.granted(S, 100, 30);
        c.granted(S, 110, 30);
        UnlockSpec anybodys = new UnlockSpec(
                Protocol.NLM, range(120, 5), new OwnerSelector("B", Optional.of(principal), Optional.empty()));
        assertThat(shown(left(anybodys).grants())).containsExactly("B S(100,20)", "B S(125,5)");
        h1.granted(X, 0, 10);
        assertThat(left(h1.unlock(0, 10))).isEqualTo(ChangedGrants.NONE);
    }

    @Test
    @DisplayName("A batch names each other grant that it cut or made once, as it stands in the end")
    void changedByBatch() {
        a.granted(X, 0, 100);
        BatchOutcome outcome = get(table.batch(
                space, List.of(a.unlock(10, 10), a.unlock(40, 10)), List.of(a.lock(S, 60, 10), a.lock(X, 200, 5))));
        assertThat(outcome).isInstanceOf(BatchOutcome.Done.class);
        BatchOutcome.Done done = (BatchOutcome.Done) outcome;
        assertThat(shown(done.grants())).containsExactly("A S(60,10)", "A X(200,5)");
        assertThat(shown(done.changed().grants()))
                .containsExactly("A X(0,10)", "A X(20,20)", "A X(50,10)", "A X(70,30)");
        assertThat(done.changed().more()).isFalse();
    }

    @Test
    @DisplayName("A lock trimmed on its left keeps its id and token")
    void trimKeepsId() {
        Grant held = a.granted(X, 0, 10);
        a.released(0, 4);
        Grant rest = get(table.find(held.id())).orElseThrow();
        assertThat(shown(rest)).isEqualTo("A X(4,6)");
        assertThat(rest.token()).isEqualTo(held.token());
    }

    // ------------------------------------------------------------------------------------ releasing and whose it is

    @Test
    @DisplayName("Q08 size 0 releases from the offset to 2^64-1, across locks; a partial release splits")
    void q08() {
        a.granted(X, 0, 10);
        a.granted(S, 20, EOF);
        assertThat(a.released(5, EOF)).isEqualTo(2);
        stands("A X(0,5)");
        a.granted(X, 0, EOF);
        a.released(100, 1);
        stands("A X(0,100)", "A X(101,EOF)");
    }

    @Test
    @DisplayName("Q09 an unlock by an owner that holds nothing touches no lock")
    void q09() {
        a.granted(X, 0, 10);
        assertThat(b.released(0, 10)).isZero();
        assertThat(nlm("unknown").released(0, EOF)).isZero();
        var otherAccount = OwnerSelector.anybody("A").ofPrincipal(principal + "-other");
        assertThat(released(new UnlockSpec(Protocol.NLM, range(0, EOF), otherAccount)))
                .isZero();
        stands("A X(0,10)");
    }

    @Test
    @DisplayName(
            "Q09 without a machine name the bytes are released for every name; without an account for every account")
    void releaseScopes() {
        Holder name = new Holder(Protocol.NLM, new Owner(principal, "A", "other-machine"));
        Holder account = new Holder(Protocol.NLM, new Owner(principal + "-2", "A", "machine"));
        for (Holder holder : List.of(a, name, account, b)) {
            holder.granted(S, 0, 10);
        }
        assertThat(released(new UnlockSpec(
                        Protocol.NLM, range(2, 2), OwnerSelector.anybody("A").ofPrincipal(principal))))
                .isEqualTo(2);
        assertThat(state()).containsExactly("A S(0,2)", "A S(0,2)", "A S(0,10)", "B S(0,10)", "A S(4,6)", "A S(4,6)");
        assertThat(released(new UnlockSpec(Protocol.NLM, range(0, EOF), OwnerSelector.anybody("A"))))
                .isEqualTo(5);
        stands("B S(0,10)");
    }

    @Test
    @DisplayName("Q09 without an account but with a machine name only that machine's bytes are released")
    void releaseOfOneMachineInAnyAccount() {
        Holder name = new Holder(Protocol.NLM, new Owner(principal, "A", "other-machine"));
        Holder account = new Holder(Protocol.NLM, new Owner(principal + "-2", "A", "machine"));
        for (Holder holder : List.of(a, name, account)) {
            holder.granted(S, 0, 10);
        }
        var machine = new OwnerSelector("A", Optional.empty(), Optional.of("machine"));
        assertThat(released(new UnlockSpec(Protocol.NLM, range(0, EOF), machine)))
                .isEqualTo(2);
        assertThat(get(table.find(name.granted(S, 0, 10).id())).orElseThrow().owner())
                .isEqualTo(new Owner(principal, "A", "other-machine"));
        stands("A S(0,10)");
    }

    @Test
    @DisplayName("A grant is released by its id, by its own account only unless any account is allowed")
    void releaseGrant() {
        Grant held = a.granted(X, 0, 10);
        assertThat(get(table.releaseGrant(held.id(), Optional.of(principal + "-other"))))
                .isEqualTo(new Release.NoSuchLock());
        assertThat(get(table.releaseGrant(held.id(), Optional.of(principal)))).isEqualTo(new Release.Released(1));
        stands();
        Grant second = a.granted(X, 0, 10);
        assertThat(get(table.releaseGrant(second.id(), Optional.empty()))).isEqualTo(new Release.Released(1));
        assertThat(get(table.releaseGrant(second.id(), Optional.empty()))).isEqualTo(new Release.NoSuchLock());
        assertThat(get(table.releaseGrant(neverDrawn(held.id()), Optional.empty())))
                .isEqualTo(new Release.NoSuchLock());
    }

    @Test
    @DisplayName("Releasing an absorbed id releases the grant that absorbed it")
    void releaseAbsorbed() {
        a.granted(X, 0, 5);
        Grant absorbed = a.granted(X, 10, 5);
        a.granted(X, 0, 20);
        assertThat(get(table.releaseGrant(absorbed.id(), Optional.of(principal))))
                .isEqualTo(new Release.Released(1));
        stands();
    }

    @Test
    @DisplayName("L04 a second release does not affect the next holder")
    void l04() {
        Grant held = a.granted(X, 0, 10);
        assertThat(a.released(0, 10)).isEqualTo(1);
        Grant later = b.granted(X, 0, 10);
        assertThat(a.released(0, 10)).isZero();
        assertThat(get(table.releaseGrant(held.id(), Optional.of(principal)))).isEqualTo(new Release.NoSuchLock());
        assertThat(get(table.find(later.id()))).contains(later);
    }

    // ----------------------------------------------------------------------------------------------------- spaces

    @Test
    @DisplayName("Q06 head and snapshots, streams and files never meet, nor do tokens of one file's spaces")
    void q06() {
        Grant head = a.granted(X, 0, EOF);
        List<LockSpace> others = List.of(
                new LockSpace(space.fileId(), "17", space.streamId()),
                new LockSpace(space.fileId(), "1", "7"),
                new LockSpace(space.fileId(), "", "2"),
                new LockSpace(space.fileId(), "", "17"),
                new LockSpace(space.fileId() + 1, "", space.streamId()));
        for (LockSpace other : others) {
            Grant there = granted(get(table.acquire(other, b.request(X, range(0, EOF)))));
            assertThat(there.space()).isEqualTo(other);
            // Another file may be in another bucket, whose counter may have reached the same number for b.
            if (other.fileId() == space.fileId()) {
                assertThat(get(table.check(other, range(0, 1), head.token()))).isEqualTo(new FenceCheck.Invalid());
            }
        }
        assertThat(get(table.check(space, range(0, 1), head.token()))).isEqualTo(new FenceCheck.Valid(head));
        assertThat(get(table.list(GrantFilter.ofFile(Protocol.NLM, space.fileId(), "17"), Cursor.START, 10))
                        .grants())
                .extracting(Grant::space)
                .containsExactly(others.get(0));
        assertThat(get(table.list(GrantFilter.ofFile(Protocol.NLM, space.fileId(), ""), Cursor.START, 10))
                        .grants())
                .hasSize(3);
    }

    @Test
    @DisplayName("Q07 offsets, file ids and owners round trip exactly, up to 2^64-1 and beyond ASCII")
    void q07() {
        Owner odd = new Owner(principal + " é:|{}\"", "ид\"\\ :{b0}|,%2F", "");
        for (long edge : new long[] {0, 1L << 53, (1L << 53) + 1, MAX_SIGNED, 1L << 63, MAX - 1, MAX}) {
            LockSpace there =
                    new LockSpace(-1 - ThreadLocalRandom.current().nextLong(1L << 61), "18446744073709551615", "ß:1");
            LockSpec request = new LockSpec(
                    Protocol.SMB, X, ByteRange.between(edge, edge), odd, "2001:db8::1", "node", unlimited());
            Grant held = granted(get(table.acquire(there, request)));
            Grant found = get(table.find(held.id())).orElseThrow();
            assertThat(found).isEqualTo(held);
            assertThat(found.range()).isEqualTo(ByteRange.between(edge, edge));
            assertThat(found.owner()).isEqualTo(odd);
            assertThat(found.space()).isEqualTo(there);
            assertThat(found.ownerAddress()).isEqualTo("2001:db8::1");
            get(table.releaseGrant(held.id(), Optional.empty()));
        }
    }

    @ParameterizedTest
    @CsvSource({"9007199254740992", "9223372036854775808", "18446744073709551612"})
    @DisplayName(
            "Q07 adjacent offsets above 2^53, 2^63 and just below 2^64 are distinguished, merged and split exactly")
    void edges(String text) {
        long edge = Long.parseUnsignedLong(text);
        a.granted(X, edge - 1, 1);
        a.granted(X, edge, 1);
        b.granted(X, edge + 1, 1);
        b.isRefused(X, edge, 1);
        a.isRefused(S, edge, 2);
        assertThat(shown(grants()))
                .containsExactly(
                        "A X(" + Long.toUnsignedString(edge - 1) + ",2)",
                        "B X(" + Long.toUnsignedString(edge + 1) + ",1)");
        a.released(edge, 1);
        b.granted(X, edge, 1);
        assertThat(shown(grants()))
                .containsExactly(
                        "A X(" + Long.toUnsignedString(edge - 1) + ",1)", "B X(" + Long.toUnsignedString(edge) + ",2)");
    }

    // ---------------------------------------------------------------------------------------------------- conflicts

    @Test
    @DisplayName("A refusal names the blockers by first byte and the exact free parts")
    void conflictParts() {
        b.granted(X, 10, 10);
        c.granted(S, 30, 5);
        b.granted(S, 33, 7);
        Conflict conflict = a.isRefused(X, 5, 45);
        assertThat(blockers(Optional.of(conflict))).containsExactly("B X(10,10)", "C S(30,5)", "B S(33,7)");
        assertThat(conflict.free()).containsExactly(range(5, 5), range(20, 10), range(40, 10));
        assertThat(conflict.more()).isFalse();
        assertThat(conflict.retryAfter()).isNull();
    }

    @Test
    @DisplayName("For a shared request shared locks are no blockers; the owner's own locks are none and count as free")
    void conflictOnlyNamesBlockers() {
        a.granted(S, 0, 10);
        b.granted(S, 0, 10);
        c.granted(X, 20, 10);
        Conflict conflict = a.isRefused(S, 0, EOF);
        assertThat(blockers(Optional.of(conflict))).containsExactly("C X(20,10)");
        assertThat(conflict.free()).containsExactly(range(0, 20), range(30, EOF));
    }

    @Test
    @DisplayName("Blockers that reach beyond the request leave no free part there, at 2^64-1 too")
    void conflictClipped() {
        b.granted(X, 0, 10);
        b.granted(X, 20, EOF);
        assertThat(a.isRefused(X, 5, EOF).free()).containsExactly(range(10, 10));
        assertThat(a.isRefused(X, 0, 5).free()).isEmpty();
        assertThat(a.isRefused(X, MAX, 1).free()).isEmpty();
    }

    @Test
    @DisplayName("Blockers that overlap each other, one inside another, do not make free parts")
    void conflictNested() {
        b.granted(S, 10, 20);
        c.granted(S, 12, 2);
        assertThat(a.isRefused(X, 0, 40).free()).containsExactly(range(0, 10), range(30, 10));
    }

    @Test
    @DisplayName("At most 16 blockers are listed, exactly so without more, and free parts are exact up to the last")
    void conflictMore() {
        for (int i = 0; i < 16; i++) {
            b.granted(X, 10L * i, 5);
        }
        Conflict exactly = a.isRefused(X, 0, 200);
        assertThat(exactly.blockers()).hasSize(16);
        assertThat(exactly.more()).isFalse();
        assertThat(exactly.free()).hasSize(16).last().isEqualTo(range(155, 45));
        b.granted(X, 160, 5);
        Conflict more = a.isRefused(X, 0, 200);
        assertThat(more.blockers()).hasSize(16);
        assertThat(more.more()).isTrue();
        assertThat(more.retryAfter()).isNull();
        assertThat(more.free().stream().filter(part -> part.first() < 155))
                .containsExactlyElementsOf(IntStream.range(0, 15)
                        .mapToObj(i -> range(10L * i + 5, 5))
                        .toList());
    }

    @Test
    @DisplayName("With more blockers than listed, the time to retry is that of the listed ones")
    void retryAfterOfMore() {
        for (int i = 0; i < 17; i++) {
            b.leasing(Duration.ofHours(i == 3 ? 2 : 1)).granted(X, 10L * i, 5);
        }
        Conflict conflict = a.isRefused(X, 0, EOF);
        assertThat(conflict.more()).isTrue();
        assertThat(conflict.retryAfter()).isBetween(Duration.ofMinutes(119), Duration.ofMinutes(120));
    }

    @Test
    @DisplayName("The time to retry is the longest remaining lease if every blocker has one, else unknown")
    void retryAfter() {
        b.leasing(Duration.ofHours(1)).granted(X, 0, 5);
        c.leasing(Duration.ofHours(2)).granted(X, 10, 5);
        assertThat(a.isRefused(X, 0, EOF).retryAfter()).isBetween(Duration.ofMinutes(119), Duration.ofMinutes(120));
        assertThat(a.isRefused(X, 0, 10).retryAfter()).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(60));
        nlm("D").granted(X, 20, 5);
        assertThat(a.isRefused(X, 0, EOF).retryAfter()).isNull();
    }

    @Test
    @DisplayName("A test acquires nothing and draws no token")
    void testChangesNothing() {
        Grant held = a.granted(X, 0, 10);
        assertThat(a.tests(S, 0, 5)).isEmpty();
        assertThat(a.tests(X, 5, 100)).isEmpty();
        assertThat(grants()).containsExactly(held);
    }

    // --------------------------------------------------------------------------------------------------------- SMB

    @Test
    @DisplayName("M04 M07 a range whose last byte passes 2^64-1 is invalid; a zero length at 2^64-1 is not")
    void m04() {
        assertThatThrownBy(() -> h1.granted(X, MAX, MAX)).isInstanceOf(InvalidRangeException.class);
        assertThatThrownBy(() -> h1.granted(X, MAX, 2)).isInstanceOf(InvalidRangeException.class);
        h1.granted(X, MAX, 1);
        h1.granted(X, MAX, 0);
        stands("h1 X(18446744073709551615,0)", "h1 X(18446744073709551615,1)");
    }

    @Test
    @DisplayName("M08 only the locking handle can unlock")
    void m08() {
        h1.granted(X, 10_001, 40_002);
        h2.findsNothingToRelease(10_001, 40_002);
        assertThat(h1.released(10_001, 40_002)).isEqualTo(1);
        stands();
    }

    @Test
    @DisplayName("M09 refused retries neither release the lock nor are ever granted")
    void m09() {
        h1.granted(X, 0, 1);
        for (int i = 0; i < 3; i++) {
            h1.isRefused(X, 0, 1);
            h2.isRefused(X, 0, 1);
        }
        stands("h1 X(0,1)");
        assertThat(h1.released(0, 1)).isEqualTo(1);
        stands();
    }

    @ParameterizedTest
    @CsvSource({"10,0,true", "9,1,true", "10,1,true", "11,1,true", "9,2,false", "10,2,true", "9,3,false"})
    @DisplayName("M10 a zero-length lock conflicts only with a range that has bytes on both sides, in both orders")
    void m10(long offset, long size, boolean granted) {
        for (Holder second : List.of(h1, h2)) {
            for (boolean zeroFirst : new boolean[] {true, false}) {
                space = freshSpace();
                long[] zero = {10, 0};
                long[] other = {offset, size};
                long[] first = zeroFirst ? zero : other;
                long[] then = zeroFirst ? other : zero;
                h1.granted(X, first[0], first[1]);
                assertThat(second.finds(X, then[0], then[1]))
                        .as("%s after %s on %s", then, first, second)
                        .isEqualTo(granted);
                assertThat(second.outcome(X, then[0], then[1]) instanceof Acquisition.Granted)
                        .isEqualTo(granted);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "9007199254740993", "-9223372036854775808", "-2", "-1"})
    @DisplayName("M10 a zero-length lock conflicts with a range around it anywhere below 2^64")
    void m10Edges(long position) {
        h1.granted(X, position, 0);
        assertThat(h2.finds(X, position, 0)).isTrue();
        assertThat(h2.finds(X, position, 1)).isTrue();
        if (position != 0) {
            assertThat(h2.finds(X, position - 1, 1)).isTrue();
            assertThat(h2.finds(X, position - 1, 2)).isFalse();
            assertThat(h2.finds(X, ByteRange.between(0, MAX))).isFalse();
            assertThat(h2.finds(X, ByteRange.between(0, position - 1))).isTrue();
            assertThat(h2.finds(X, ByteRange.between(position, MAX))).isTrue();
        }
    }

    @Test
    @DisplayName("M11 (0,0) conflicts with nothing, not even with a lock of everything")
    void m11() {
        h1.granted(X, 0, 0);
        h1.granted(X, 0, 0);
        h2.granted(X, 0, 0);
        h2.granted(X, 0, -1);
        h1.granted(X, 0, 0);
        assertThat(state()).hasSize(5);
    }

    @Test
    @DisplayName("M11 each stacked zero-length lock is released by an unlock of its own")
    void m11Unlock() {
        h1.granted(X, 5, 0);
        h1.granted(X, 5, 0);
        h1.findsNothingToRelease(5, 1);
        assertThat(h1.released(5, 0)).isEqualTo(1);
        stands("h1 X(5,0)");
        assertThat(h1.released(5, 0)).isEqualTo(1);
        h1.findsNothingToRelease(5, 0);
    }

    @Test
    @DisplayName("M12 a refusal is the same at every repeat, for the holder and for others")
    void m12() {
        h1.granted(X, 100, 10);
        for (int i = 0; i < 3; i++) {
            for (Holder handle : List.of(h1, h2)) {
                assertThat(blockers(Optional.of(handle.isRefused(X, 102, 0)))).containsExactly("h1 X(100,10)");
                assertThat(blockers(Optional.of(handle.isRefused(X, 102, 5)))).containsExactly("h1 X(100,10)");
            }
        }
        stands("h1 X(100,10)");
    }

    @Test
    @DisplayName("M17 a list of unlocks stops at the first that is not held, and earlier unlocks stay")
    void m17() {
        h1.granted(X, 0, 10);
        h1.granted(X, 40, 10);
        assertThat(get(table.batch(space, List.of(h1.unlock(0, 10), h1.unlock(20, 10), h1.unlock(40, 10)), List.of())))
                .isEqualTo(new BatchOutcome.UnlockMissing(1));
        stands("h1 X(40,10)");
        assertThat(get(table.batch(space, List.of(h1.unlock(40, 10)), List.of())))
                .isEqualTo(new BatchOutcome.Done(List.of(), 1));
    }

    @Test
    @DisplayName("M21 shared locks stack on one handle; two locks need two unlocks")
    void m21() {
        Grant first = h1.granted(S, 0, 10);
        Grant second = h1.granted(S, 0, 10);
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(h1.released(0, 10)).isEqualTo(1);
        assertThat(get(table.find(first.id()))).as("the oldest goes first").isEmpty();
        assertThat(get(table.find(second.id()))).contains(second);
        h2.isRefused(X, 0, 10);
        assertThat(h1.released(0, 10)).isEqualTo(1);
        h1.findsNothingToRelease(0, 10);
        h2.granted(X, 0, 10);
    }

    @Test
    @DisplayName("M21 a shared lock over the handle's own exclusive is counted, and the exclusive goes first")
    void sharedOverOwnExclusive() {
        Grant exclusive = h1.granted(X, 0, 10);
        h1.granted(S, 0, 10);
        h1.granted(S, 5, 10);
        h2.isRefused(S, 0, 1);
        assertThat(h1.released(0, 10)).isEqualTo(1);
        assertThat(get(table.find(exclusive.id()))).isEmpty();
        stands("h1 S(0,10)", "h1 S(5,10)");
        h2.granted(S, 0, 1);
    }

    @Test
    @DisplayName("M23 M24 an exclusive lock over the handle's own shared or exclusive one is refused")
    void m23() {
        h1.granted(S, 0, 10);
        h1.isRefused(X, 0, 10);
        h1.granted(X, 20, 10);
        h1.isRefused(X, 20, 10);
        stands("h1 S(0,10)", "h1 X(20,10)");
    }

    @Test
    @DisplayName("M25 an exclusive lock refuses another handle's shared one")
    void m25() {
        h1.granted(X, 0, 10);
        h2.isRefused(S, 0, 10);
    }

    @Test
    @DisplayName("M26 the machine name is only shown: the same handle under another name is the same owner")
    void m26() {
        Holder renamed = new Holder(Protocol.SMB, new Owner(principal, "h1", "process-2"));
        Holder stranger = new Holder(Protocol.SMB, new Owner(principal + "-2", "h1", "machine"));
        h1.granted(X, 0, 10);
        renamed.granted(S, 0, 10);
        stranger.isRefused(S, 0, 10);
        stranger.findsNothingToRelease(0, 10);
        assertThat(renamed.released(0, 10)).isEqualTo(1);
        stands("h1 S(0,10)");
    }

    @Test
    @DisplayName("M26 a release for every account finds the handle's locks too")
    void m26Anybody() {
        h1.granted(X, 0, 10);
        assertThat(released(new UnlockSpec(
                        Protocol.SMB, ByteRange.of(LockSemantics.SMB, 0, 10), OwnerSelector.anybody("h1"))))
                .isEqualTo(1);
        stands();
    }

    @Test
    @DisplayName("M28 of overlapping locks exclusive is refused and shared granted, on one handle and on two")
    void m28() {
        h1.granted(X, 0, 4);
        h1.isRefused(X, 2, 4);
        h1.granted(S, 10, 4);
        h1.granted(S, 12, 4);
        h2.isRefused(X, 2, 4);
        h2.isRefused(S, 2, 4);
        h2.granted(S, 12, 4);
        h2.isRefused(X, 12, 4);
        stands("h1 X(0,4)", "h1 S(10,4)", "h1 S(12,4)", "h2 S(12,4)");
    }

    @Test
    @DisplayName("M38 unrelated ranges are granted while others are refused")
    void m38() {
        h1.granted(X, 100, 10);
        h2.isRefused(X, 100, 10);
        h2.isRefused(X, 105, 10);
        h2.granted(X, 110, 10);
        smb("h3").granted(X, 90, 10);
    }

    @Test
    @DisplayName("M41 a lock cannot change its mode in place, and stays as it was")
    void m41() {
        Grant shared = h1.granted(S, 0, 10);
        h1.isRefused(X, 0, 10);
        assertThat(grants()).containsExactly(shared);
    }

    @Test
    @DisplayName("SMB rule 5 and 6: locks do not merge, and an unlock of other bytes finds nothing")
    void smbExactUnlock() {
        h1.granted(X, 0, 10);
        h1.granted(X, 10, 10);
        stands("h1 X(0,10)", "h1 X(10,10)");
        for (long[] wrong : new long[][] {{0, 20}, {0, 9}, {1, 9}, {5, 1}, {0, 0}, {10, 11}}) {
            h1.findsNothingToRelease(wrong[0], wrong[1]);
        }
        assertThat(h1.released(10, 10)).isEqualTo(1);
        stands("h1 X(0,10)");
    }

    @Test
    @DisplayName("SMB blockers and free parts: zero-length blockers are named and cover no byte")
    void smbConflict() {
        h1.granted(X, 10, 0);
        h1.granted(X, 20, 5);
        Conflict conflict = h2.isRefused(X, 5, 25);
        assertThat(blockers(Optional.of(conflict))).containsExactly("h1 X(10,0)", "h1 X(20,5)");
        BigInteger free = conflict.free().stream()
                .map(part -> unsigned(part.sizeIn(LockSemantics.SMB)))
                .reduce(BigInteger.ZERO, BigInteger::add);
        assertThat(free).isEqualTo(BigInteger.valueOf(20));
        assertThat(h2.isRefused(X, 22, 0).free()).isEmpty();
    }

    @Test
    @DisplayName("By default SMB and POSIX locks do not conflict")
    void isolated() {
        Holder posix = new Holder(Protocol.NFS4, h1.owner);
        h1.granted(X, 0, 10);
        posix.granted(X, 0, 10);
        a.isRefused(X, 0, 10);
        posix.released(0, 10);
        stands("h1 X(0,10)");
        a.granted(X, 0, EOF);
        h1.released(0, 10);
        stands("A X(0,EOF)");
    }

    @Test
    @DisplayName("Enforced: an exclusive mode on a common byte conflicts across SMB and POSIX, whoever the owners")
    void enforced() {
        Optional<RangeLockTable> enforced = enforcedTable();
        assumeTrue(enforced.isPresent(), "no table given in which POSIX and SMB locks conflict");
        table = enforced.get();
        Holder sameName = new Holder(Protocol.NLM, h1.owner);
        h1.granted(X, 0, 10);
        sameName.isRefused(S, 9, 1);
        sameName.granted(X, 10, 5);
        assertThat(blockers(Optional.of(h1.isRefused(S, 14, 1)))).containsExactly("h1 X(10,5)");
        h1.granted(S, 20, 10);
        a.granted(S, 20, 10);
        a.isRefused(X, 20, 10);
        h1.isRefused(X, 29, 1);
        assertThat(h1.finds(X, 12, 0)).as("a zero-length lock shares no byte").isTrue();
    }

    // --------------------------------------------------------------------- rolled back: nobody was told of the grant

    private static RequestId request(Acquisition answer) {
        assertThat(answer).isInstanceOf(Acquisition.Granted.class);
        return ((Acquisition.Granted) answer).request();
    }

    private static RequestId request(BatchOutcome answer) {
        assertThat(answer).isInstanceOf(BatchOutcome.Done.class);
        return ((BatchOutcome.Done) answer).request().orElseThrow();
    }

    private boolean rollsBack(RequestId request) {
        return get(table.rollBack(request));
    }

    @Test
    @DisplayName("Rollback: a fresh grant is gone at once, and others can acquire the bytes")
    void rollBackFresh() {
        RequestId request = request(a.outcome(X, 0, 10));
        b.isRefused(X, 5, 1);
        assertThat(rollsBack(request)).isTrue();
        stands();
        b.granted(X, 0, 10);
    }

    @Test
    @DisplayName("Rollback: a second one does nothing, also if the bytes were acquired again in between")
    void rollBackTwice() {
        RequestId request = request(a.outcome(X, 0, 10));
        assertThat(rollsBack(request)).isTrue();
        Grant again = a.granted(X, 0, 10);
        assertThat(rollsBack(request)).isFalse();
        assertThat(grants()).containsExactly(again);
    }

    @Test
    @DisplayName("Rollback: an upgrade goes back to exactly the earlier shared grant, with its id and token")
    void rollBackUpgrade() {
        Grant before = a.granted(S, 0, 30);
        assertThat(rollsBack(request(a.outcome(X, 10, 10)))).isTrue();
        assertThat(grants()).containsExactly(before);
        assertThat(valid(before, 0, 30)).isTrue();
    }

    @Test
    @DisplayName("Rollback: a merge is split again")
    void rollBackMerge() {
        Grant left = a.granted(X, 0, 10);
        Grant right = a.granted(X, 20, 10);
        RequestId request = request(a.outcome(X, 10, 10));
        stands("A X(0,30)");
        assertThat(rollsBack(request)).isTrue();
        assertThat(grants()).containsExactly(left, right);
        assertThat(valid(right, 20, 10)).isTrue();
        b.granted(X, 10, 10);
    }

    @Test
    @DisplayName(
            "Rollback: of a downgrade only the bytes gained are released, and no shared lock of others is affected")
    void rollBackDowngrade() {
        a.granted(X, 10, 10);
        RequestId request = request(a.outcome(S, 0, 30));
        b.granted(S, 12, 2);
        assertThat(rollsBack(request)).isTrue();
        stands("A S(10,10)", "B S(12,2)");
    }

    @Test
    @DisplayName("Rollback: a lock that its owner held already and requested again stays with its id and token")
    void rollBackRepetition() {
        Grant before = a.granted(X, 0, 10);
        assertThat(rollsBack(request(a.outcome(X, 0, 10)))).isTrue();
        assertThat(grants()).containsExactly(before);
        assertThat(valid(before, 0, 10)).isTrue();
    }

    @Test
    @DisplayName("Rollback: bytes that the same owner has requested again since, and that were confirmed, stay")
    void rollBackAskedAgain() {
        RequestId request = request(a.outcome(X, 0, 10));
        Grant told = a.granted(X, 0, 10);
        rollsBack(request);
        assertThat(grants()).containsExactly(told);
        assertThat(valid(told, 0, 10)).isTrue();
    }

    @Test
    @DisplayName("Rollback: if the same owner has cut into the grant since, the rest goes")
    void rollBackCutSince() {
        RequestId request = request(a.outcome(X, 0, 100));
        Grant told = a.granted(S, 50, 10);
        assertThat(rollsBack(request)).isTrue();
        assertThat(grants()).containsExactly(told);
    }

    @Test
    @DisplayName("Rollback: bytes that the owner has released since do not come back")
    void rollBackFreedSince() {
        RequestId request = request(a.outcome(X, 0, 10));
        a.released(0, 10);
        rollsBack(request);
        stands();
        b.granted(X, 0, 10);
    }

    @Test
    @DisplayName("Rollback: a batch of locks goes as a whole, back to the state before")
    void rollBackBatch() {
        Grant before = a.granted(S, 0, 10);
        RequestId request = request(get(table.batch(space, List.of(), List.of(a.lock(X, 5, 10), a.lock(X, 100, 1)))));
        assertThat(rollsBack(request)).isTrue();
        assertThat(grants()).containsExactly(before);
    }

    @Test
    @DisplayName("Rollback: of a batch that unlocked and locked the locks go, and the unlocked bytes stay free")
    void rollBackBatchWithUnlocks() {
        a.granted(X, 0, 10);
        RequestId request = request(get(table.batch(space, List.of(a.unlock(0, 10)), List.of(a.lock(X, 100, 10)))));
        assertThat(rollsBack(request)).isTrue();
        stands();
    }

    @Test
    @DisplayName("Rollback: SMB locks stacked on one range go one by one")
    void rollBackSmb() {
        Grant before = h1.granted(S, 0, 10);
        RequestId request = request(get(table.batch(space, List.of(), List.of(h1.lock(S, 0, 10), h1.lock(X, 50, 1)))));
        RequestId single = request(h1.outcome(S, 0, 10));
        assertThat(rollsBack(request)).isTrue();
        assertThat(grants()).hasSize(2).contains(before);
        assertThat(rollsBack(single)).isTrue();
        assertThat(grants()).containsExactly(before);
    }

    // ------------------------------------------------------------------------------------------------------ batches

    @Test
    @DisplayName("Batch, POSIX: unlocks come first, then locks, each seeing those before it")
    void batchPosix() {
        a.granted(X, 0, 10);
        BatchOutcome done = get(table.batch(
                space,
                List.of(a.unlock(0, 4), a.unlock(8, 10)),
                List.of(a.lock(S, 20, 5), a.lock(S, 25, 5), b.lock(X, 0, 4))));
        assertThat(done).isInstanceOfSatisfying(BatchOutcome.Done.class, d -> {
            assertThat(d.released()).isEqualTo(2);
            assertThat(shown(d.grants())).containsExactly("A S(20,10)", "A S(20,10)", "B X(0,4)");
        });
        stands("B X(0,4)", "A X(4,4)", "A S(20,10)");
    }

    @Test
    @DisplayName("Batch, POSIX: a refused lock refuses the whole batch, unlocks included")
    void batchAllOrNothing() {
        Grant mine = a.granted(X, 0, 10);
        Grant theirs = b.granted(X, 50, 10);
        BatchOutcome outcome = get(table.batch(
                space,
                List.of(a.unlock(0, 5)),
                List.of(a.lock(S, 5, 1), a.lock(X, 20, 5), a.lock(S, 55, 1), a.lock(X, 70, 1))));
        assertThat(outcome).isInstanceOfSatisfying(BatchOutcome.Refused.class, refused -> {
            assertThat(refused.index()).isEqualTo(2);
            assertThat(refused.conflict().blockers()).containsExactly(theirs);
        });
        assertThat(grants()).containsExactly(mine, theirs);
        assertThat(get(table.check(space, range(0, 10), mine.token()))).isEqualTo(new FenceCheck.Valid(mine));
    }

    @Test
    @DisplayName("Batch, POSIX: locks of two owners in one batch conflict with each other")
    void batchConflictsWithItself() {
        BatchOutcome outcome = get(table.batch(space, List.of(), List.of(a.lock(X, 0, 10), b.lock(S, 9, 1))));
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        BatchOutcome.Refused.class, r -> assertThat(r.index()).isEqualTo(1));
        stands();
    }

    @Test
    @DisplayName("A batch returns for each lock the grant that covers it in the end, also if a later one cut a merge")
    void batchCutsItsOwnMerge() {
        a.granted(S, 0, 1);
        BatchOutcome answer = get(table.batch(space, List.of(), List.of(a.lock(S, 1, 1), a.lock(X, 1, 1))));
        assertThat(answer)
                .isInstanceOfSatisfying(
                        BatchOutcome.Done.class,
                        done -> assertThat(shown(done.grants())).containsExactly("A X(1,1)", "A X(1,1)"));
        stands("A S(0,1)", "A X(1,1)");
    }

    @Test
    @DisplayName("Batch, SMB: a list of locks is all or nothing")
    void batchSmb() {
        h2.granted(X, 40, 10);
        BatchOutcome outcome =
                get(table.batch(space, List.of(), List.of(h1.lock(X, 0, 10), h1.lock(X, 20, 10), h1.lock(X, 45, 1))));
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        BatchOutcome.Refused.class, r -> assertThat(r.index()).isEqualTo(2));
        stands("h2 X(40,10)");
        assertThat(get(table.batch(space, List.of(), List.of(h1.lock(X, 0, 10), h1.lock(X, 5, 1)))))
                .isInstanceOfSatisfying(
                        BatchOutcome.Refused.class, r -> assertThat(r.index()).isEqualTo(1));
        BatchOutcome done = get(table.batch(space, List.of(), List.of(h1.lock(X, 0, 10), h1.lock(S, 0, 10))));
        assertThat(done)
                .isInstanceOfSatisfying(
                        BatchOutcome.Done.class,
                        d -> assertThat(shown(d.grants())).containsExactly("h1 X(0,10)", "h1 S(0,10)"));
        stands("h1 X(0,10)", "h1 S(0,10)", "h2 X(40,10)");
    }

    @Test
    @DisplayName("Batch, SMB: locks and unlocks in one request are invalid and change nothing")
    void batchSmbMixed() {
        h1.granted(X, 0, 10);
        assertThatThrownBy(() -> get(table.batch(space, List.of(h1.unlock(0, 10)), List.of(h1.lock(X, 20, 1)))))
                .isInstanceOf(IllegalArgumentException.class);
        stands("h1 X(0,10)");
    }

    @Test
    @DisplayName("A batch that mixes POSIX and SMB locks is invalid and changes nothing")
    void batchOfBoth() {
        a.granted(X, 0, 10);
        assertThatThrownBy(() -> get(table.batch(space, List.of(), List.of(a.lock(X, 20, 1), h1.lock(X, 40, 1)))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> get(table.batch(space, List.of(a.unlock(0, 10), h1.unlock(0, 10)), List.of())))
                .isInstanceOf(IllegalArgumentException.class);
        stands("A X(0,10)");
    }

    // ------------------------------------------------------------------------------------------------------- tokens

    @Test
    @DisplayName("L07 every acquire that changes something returns a larger token than all before it in the space")
    void l07() {
        List<FencingToken> tokens = new ArrayList<>();
        tokens.add(a.granted(S, 0, 10).token());
        tokens.add(b.granted(S, 0, 10).token());
        tokens.add(a.granted(S, 10, 10).token());
        tokens.add(h1.granted(X, 0, 10).token());
        tokens.add(a.granted(X, 15, 5).token());
        a.released(0, EOF);
        b.released(0, EOF);
        tokens.add(c.granted(X, 0, EOF).token());
        assertThat(tokens).isSorted().doesNotHaveDuplicates();
        assertThat(tokens)
                .allSatisfy(token ->
                        assertThat(token.value()).as("0 would mean none").isNotZero());
    }

    @Test
    @DisplayName("L08 acquiring a held range again returns the same token")
    void l08() {
        Grant held = a.granted(X, 0, 10);
        assertThat(a.granted(X, 0, 10).token()).isEqualTo(held.token());
        a.granted(X, 50, 10);
        assertThat(a.granted(X, 2, 3).token()).isEqualTo(held.token());
    }

    @Test
    @DisplayName("Fence: a token is valid for its own bytes only, and after a trim for the rest")
    void fenceOwnBytes() {
        Grant held = a.granted(X, 10, 10);
        assertThat(valid(held, 10, 10)).isTrue();
        assertThat(valid(held, 12, 1)).isTrue();
        assertThat(valid(held, 9, 2)).isFalse();
        assertThat(valid(held, 19, 2)).isFalse();
        assertThat(valid(held, 0, EOF)).isFalse();
        a.released(0, 15);
        assertThat(valid(held, 10, 10)).isFalse();
        assertThat(valid(held, 15, 5)).isTrue();
        assertThat(get(table.check(space, range(15, 1), new FencingToken(0)))).isEqualTo(new FenceCheck.Invalid());
        assertThat(get(table.check(
                        space, range(15, 1), new FencingToken(held.token().value() + (1L << 30)))))
                .isEqualTo(new FenceCheck.Invalid());
    }

    @Test
    @DisplayName("Fence: tokens of absorbed locks are valid for the successor, through several merges")
    void fenceHeirs() {
        Grant first = a.granted(X, 0, 5);
        Grant second = a.granted(X, 10, 5);
        Grant third = a.granted(X, 5, 5);
        Grant fourth = a.granted(X, 15, 5);
        for (Grant old : List.of(first, second, third, fourth)) {
            assertThat(get(table.check(space, range(0, 20), old.token()))).isEqualTo(new FenceCheck.Valid(fourth));
        }
    }

    @Test
    @DisplayName("Fence: after a split both parts accept all earlier tokens, but not across the gap")
    void fenceAfterSplit() {
        Grant first = a.granted(X, 0, 5);
        Grant whole = a.granted(X, 5, 5);
        a.released(4, 2);
        for (Grant old : List.of(first, whole)) {
            assertThat(valid(old, 0, 4)).isTrue();
            assertThat(valid(old, 6, 4)).isTrue();
            assertThat(valid(old, 4, 2)).isFalse();
            assertThat(valid(old, 3, 4)).isFalse();
        }
        a.released(0, 4);
        assertThat(valid(first, 6, 4)).as("the right part outlives the left").isTrue();
        assertThat(get(table.find(first.id())))
                .as("the id stayed with the left part")
                .isEmpty();
    }

    @Test
    @DisplayName("Fence: the right part of a split keeps its tokens through a later merge")
    void fenceSplitThenMerge() {
        Grant whole = a.granted(X, 0, 10);
        a.granted(S, 4, 2);
        Grant grown = a.granted(X, 10, 5);
        assertThat(shown(grown)).isEqualTo("A X(6,9)");
        assertThat(get(table.check(space, range(6, 9), whole.token()))).isEqualTo(new FenceCheck.Valid(grown));
        assertThat(valid(grown, 0, 4))
                .as("the left part is not an heir of the newer token")
                .isFalse();
    }

    @Test
    @DisplayName("Fence: a downgraded lock's token is invalid on the downgraded bytes and valid on the rest")
    void fenceAfterDowngrade() {
        Grant exclusive = a.granted(X, 0, 10);
        Grant shared = a.granted(S, 5, 5);
        assertThat(valid(exclusive, 0, 5)).isTrue();
        assertThat(valid(exclusive, 5, 1)).isFalse();
        assertThat(valid(shared, 5, 5)).isTrue();
        a.granted(S, 0, 5);
        assertThat(valid(exclusive, 0, 5)).isFalse();
    }

    @Test
    @DisplayName("Fence: a range released and acquired again is no successor")
    void fenceNotAcrossGap() {
        Grant old = a.granted(X, 0, 10);
        a.released(0, 10);
        Grant next = a.granted(X, 0, 10);
        assertThat(next.id()).isNotEqualTo(old.id());
        assertThat(valid(old, 0, 10)).isFalse();
        assertThat(valid(next, 0, 10)).isTrue();
        assertThat(get(table.find(old.id()))).isEmpty();
    }

    @Test
    @DisplayName("Fence, SMB: each stacked lock accepts its own token only")
    void fenceSmb() {
        Grant exclusive = h1.granted(X, 0, 10);
        Grant shared = h1.granted(S, 0, 10);
        h1.released(0, 10);
        assertThat(valid(exclusive, 0, 10)).isFalse();
        assertThat(valid(shared, 0, 10)).isTrue();
    }

    // ------------------------------------------------------------------------------------------------------- leases

    @Test
    @DisplayName("L11 an expired lock is free at once, without a sweep, and not a moment earlier")
    void l11ExpiryFrees() {
        long begun = System.nanoTime();
        Grant held = a.leasing(shortLease()).granted(X, 0, 10);
        assertThat(left(held)).isPositive().isLessThanOrEqualTo(shortLease());
        assertThat(left(get(table.find(held.id())).orElseThrow())).isLessThanOrEqualTo(shortLease());
        assertThat(b.isRefused(X, 5, 1).retryAfter()).isPositive().isLessThanOrEqualTo(shortLease());
        eventually(() -> b.outcome(X, 5, 1) instanceof Acquisition.Granted);
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isGreaterThanOrEqualTo(shortLease().minusMillis(50));
        stands("B X(5,1)");
    }

    @Test
    @DisplayName("L11 an expired lock is not found, listed, counted, named as a blocker, renewed, released or valid")
    void expiredCountsNowhere() {
        Grant held = a.leasing(shortLease()).granted(X, 0, 10);
        Grant smb = h1.leasing(shortLease()).granted(X, 0, 10);
        eventually(() -> get(table.find(held.id())).isEmpty()
                && get(table.find(smb.id())).isEmpty());
        stands();
        assertThat(get(table.count(mine(Protocol.NLM, "A"), CountBy.MODE))).isEmpty();
        assertThat(b.tests(X, 0, EOF)).isEmpty();
        assertThat(get(table.renew(held.id(), held.protocol(), principal, Duration.ofHours(1))))
                .isEqualTo(new Renewal.Lost());
        assertThat(get(table.releaseGrant(held.id(), Optional.of(principal)))).isEqualTo(new Release.NoSuchLock());
        assertThat(valid(held, 0, 10)).isFalse();
        assertThat(a.released(0, 10)).isZero();
        h1.findsNothingToRelease(0, 10);
        assertThat(get(table.releaseAll(mine(Protocol.NLM, "A")))).isZero();
        assertThat(h2.finds(X, 0, 10)).isTrue();
    }

    @Test
    @DisplayName(
            "L09 N12 once the lease ended and another owner has the lock, the old token is invalid, the new one valid")
    void l09() {
        Grant t1 = a.leasing(shortLease()).granted(X, 0, 10);
        eventually(() -> b.outcome(X, 0, 10) instanceof Acquisition.Granted);
        Grant t2 = grants().getFirst();
        assertThat(t2.token()).isGreaterThan(t1.token());
        assertThat(valid(t1, 0, 10)).isFalse();
        assertThat(valid(t2, 0, 10)).isTrue();
    }

    @Test
    @DisplayName("L09 a lock whose lease ended and that the same owner acquires again is no successor")
    void expiredIsNoHeir() {
        Grant old = a.leasing(shortLease()).granted(X, 0, 10);
        eventually(() -> get(table.find(old.id())).isEmpty());
        Grant next = a.leasing(Duration.ofHours(1)).granted(X, 0, 20);
        assertThat(next.id()).isNotEqualTo(old.id());
        assertThat(next.token()).isGreaterThan(old.token());
        assertThat(valid(old, 0, 10)).isFalse();
        assertThat(get(table.renew(old.id(), old.protocol(), principal, Duration.ofHours(1))))
                .isEqualTo(new Renewal.Lost());
        stands("A X(0,20)");
    }

    @Test
    @DisplayName("L11 a new lock beside the owner's own expired one inherits no bytes of it")
    void expiredDoesNotMerge() {
        Grant old = a.leasing(shortLease()).granted(X, 0, 10);
        a.leasing(Duration.ofHours(1)).granted(S, 30, 10);
        eventually(() -> get(table.find(old.id())).isEmpty());
        Grant beside = a.leasing(Duration.ofHours(1)).granted(X, 10, 10);
        assertThat(beside.id()).isNotEqualTo(old.id());
        stands("A X(10,10)", "A S(30,10)");
        b.granted(X, 0, 10);
    }

    @Test
    @DisplayName("N14 an unlock by the owner that lost the lock does not touch the new holder")
    void n14() {
        a.leasing(shortLease()).granted(X, 0, 10);
        eventually(() -> b.outcome(X, 0, 10) instanceof Acquisition.Granted);
        assertThat(a.released(0, 10)).isZero();
        stands("B X(0,10)");
    }

    @Test
    @DisplayName("L12 a held grant is renewed, twice too; released, expired, unknown and foreign ones are told apart")
    void l12() {
        Grant held = a.leasing(Duration.ofHours(1)).granted(X, 0, 10);
        Grant once = renewed(get(table.renew(held.id(), held.protocol(), principal, Duration.ofHours(3))));
        Grant twice = renewed(get(table.renew(held.id(), held.protocol(), principal, Duration.ofHours(2))));
        assertThat(left(once)).isBetween(Duration.ofMinutes(179), Duration.ofMinutes(180));
        assertThat(left(twice)).isBetween(Duration.ofMinutes(119), Duration.ofMinutes(120));
        assertThat(twice.token()).isEqualTo(held.token());
        assertThat(twice.id()).isEqualTo(held.id());
        assertThat(get(table.renew(held.id(), held.protocol(), principal + "-2", Duration.ofHours(1))))
                .isEqualTo(new Renewal.NoSuchLock());
        a.released(0, 10);
        assertThat(get(table.renew(held.id(), held.protocol(), principal, Duration.ofHours(1))))
                .isEqualTo(new Renewal.Lost());
        assertThat(get(table.renew(neverDrawn(held.id()), held.protocol(), principal, Duration.ofHours(1))))
                .isEqualTo(new Renewal.NoSuchLock());
    }

    @Test
    @DisplayName("L12 a renewal by another protocol than the grant's finds no grant and changes no lease")
    void renewByAnotherProtocol() {
        Grant held = a.leasing(Duration.ofHours(24)).granted(X, 0, 10);
        Grant smb = h1.leasing(Duration.ofHours(24)).granted(X, 0, 10);
        for (Protocol protocol : Protocol.values()) {
            for (Grant grant : List.of(held, smb)) {
                if (grant.protocol() != protocol) {
                    assertThat(get(table.renew(grant.id(), protocol, principal, Duration.ofSeconds(1))))
                            .isEqualTo(new Renewal.NoSuchLock());
                }
            }
        }
        assertThat(left(get(table.find(held.id())).orElseThrow())).isGreaterThan(Duration.ofHours(23));
        assertThat(left(get(table.find(smb.id())).orElseThrow())).isGreaterThan(Duration.ofHours(23));
    }

    @Test
    @DisplayName("A count by mode counts each grant once, under all its modes as a list shows them")
    void countOfSeveralModes() {
        a.granted(LockModes.of(LockMode.SHARED, LockMode.READ_OP), 0, 10);
        a.granted(LockModes.of(LockMode.READ_OP, LockMode.SHARED), 20, 10);
        a.granted(S, 40, 10);
        assertThat(get(table.count(mine(Protocol.NLM, "A"), CountBy.MODE)))
                .isEqualTo(Map.of("SHARED,READ_OP", 2L, "SHARED", 1L));
    }

    @Test
    @DisplayName("L12 a renewed lease outlives its first end")
    void renewedOutlives() {
        Grant held = a.leasing(shortLease()).granted(X, 0, 10);
        Grant witness = b.leasing(shortLease()).granted(X, 20, 10);
        renewed(get(table.renew(held.id(), held.protocol(), principal, Duration.ofHours(1))));
        eventually(() -> get(table.find(witness.id())).isEmpty());
        assertThat(get(table.find(held.id()))).isPresent();
        b.isRefused(X, 0, 10);
    }

    @Test
    @DisplayName("L12 renewing an absorbed id renews the grant that absorbed it; a replaced one is lost")
    void renewAbsorbed() {
        a.leasing(Duration.ofHours(1)).granted(X, 0, 5);
        Grant absorbed = a.leasing(Duration.ofHours(1)).granted(X, 10, 5);
        Grant all = a.leasing(Duration.ofHours(1)).granted(X, 0, 20);
        Grant renewed = renewed(get(table.renew(absorbed.id(), absorbed.protocol(), principal, Duration.ofHours(4))));
        assertThat(renewed.id()).isEqualTo(all.id());
        assertThat(renewed.range()).isEqualTo(all.range());
        a.leasing(Duration.ofHours(1)).granted(S, 0, 20);
        assertThat(get(table.renew(absorbed.id(), absorbed.protocol(), principal, Duration.ofHours(1))))
                .isEqualTo(new Renewal.Lost());
        assertThat(get(table.renew(all.id(), all.protocol(), principal, Duration.ofHours(1))))
                .isEqualTo(new Renewal.Lost());
    }

    @Test
    @DisplayName("L12 renewing an id that was never assigned is unknown, not lost")
    void renewIdBelowAll() {
        Grant held = a.granted(X, 0, 10);
        for (long sequence : new long[] {0, 1, 1L << 40}) {
            GrantId id = new GrantId(held.id().bucket(), sequence);
            assertThat(get(table.renew(id, held.protocol(), principal, Duration.ofHours(1))))
                    .isEqualTo(new Renewal.NoSuchLock());
        }
    }

    @Test
    @DisplayName("Renewing a lock without a lease is refused with that reason")
    void renewUnleased() {
        Grant held = a.granted(X, 0, 10);
        assertThat(get(table.renew(held.id(), held.protocol(), principal, Duration.ofHours(1))))
                .isEqualTo(new Renewal.NotLeased());
        assertThat(get(table.renew(held.id(), held.protocol(), principal + "-2", Duration.ofHours(1))))
                .isEqualTo(new Renewal.NoSuchLock());
        assertThat(grants()).containsExactly(held);
    }

    private Renewal.Renewed confirmed(Grant grant) {
        Renewal answer = get(table.confirm(grant.id(), grant.protocol(), principal));
        assertThat(answer).isInstanceOf(Renewal.Renewed.class);
        return (Renewal.Renewed) answer;
    }

    private void breaks(String ownerId, long offset, long size) {
        get(table.release(space, new UnlockSpec(Protocol.NLM, range(offset, size), OwnerSelector.anybody(ownerId))));
    }

    @Test
    @DisplayName("A renewal tells what an administrator has cut out of a lock, leased or not, and the next does not")
    void lost() {
        Grant plain = a.granted(X, 0, 30);
        Grant leased = b.leasing(Duration.ofHours(1)).granted(X, 100, 30);
        assertThat(confirmed(plain).lost()).isEmpty();
        breaks("A", 10, 5);
        breaks("A", 0, 2);
        breaks("B", 120, 50);
        Renewal.Renewed first = confirmed(plain);
        assertThat(first.grant().range()).isEqualTo(range(2, 8));
        assertThat(first.more()).isFalse();
        assertThat(first.lost()).extracting(Grant::range).containsExactlyInAnyOrder(range(10, 5), range(0, 2));
        assertThat(first.lost()).allSatisfy(lost -> {
            assertThat(lost.id()).isEqualTo(plain.id());
            assertThat(lost.token()).isEqualTo(plain.token());
            assertThat(lost.expiresIn()).isNull();
        });
        assertThat(get(table.renew(leased.id(), Protocol.NLM, principal, Duration.ofHours(1))))
                .isInstanceOfSatisfying(
                        Renewal.Renewed.class,
                        renewed -> assertThat(renewed.lost()).singleElement().satisfies(lost -> {
                            assertThat(lost.range()).isEqualTo(range(120, 10));
                            assertThat(lost.expiresIn()).isNull();
                        }));
        assertThat(confirmed(plain).lost()).isEmpty();
        assertThat(confirmed(leased).lost()).isEmpty();
        breaks("A", 2, 1);
        assertThat(confirmed(plain).lost()).extracting(Grant::range).containsExactly(range(2, 1));
        assertThat(confirmed(plain).lost()).isEmpty();
    }

    @Test
    @DisplayName(
            "What the owner itself releases or replaces is not told as lost, and a lock that is wholly lost is lost")
    void notLost() {
        Grant held = a.granted(X, 0, 30);
        a.released(0, 10);
        a.granted(S, 10, 5);
        assertThat(confirmed(held).lost()).isEmpty();
        breaks("A", 20, 5);
        breaks("A", 0, EOF);
        assertThat(get(table.confirm(held.id(), Protocol.NLM, principal))).isEqualTo(new Renewal.Lost());
        Grant again = a.granted(X, 0, 30);
        assertThat(confirmed(again).lost()).isEmpty();
        breaks("A", 20, 5);
        get(table.releaseGrant(again.id(), Optional.empty()));
        assertThat(get(table.confirm(again.id(), Protocol.NLM, principal))).isEqualTo(new Renewal.Lost());
    }

    @Test
    @DisplayName(
            "A renewal tells a hundred lost parts at most, and that there were more; what was lost since is told next")
    void manyLost() {
        Grant held = a.leasing(Duration.ofHours(1)).granted(X, 0, 1000);
        for (int i = 0; i < 120; i++) {
            breaks("A", 999 - i, 1);
        }
        Renewal.Renewed told = confirmed(held);
        assertThat(told.lost()).hasSize(SessionRenewal.MOST_LOST);
        assertThat(told.more()).isTrue();
        for (int i = 0; i < 110; i++) {
            breaks("A", 879 - i, 1);
        }
        Renewal.Renewed next = confirmed(held);
        assertThat(next.lost()).hasSize(SessionRenewal.MOST_LOST);
        assertThat(next.lost()).extracting(Grant::range).contains(range(879, 1)).doesNotContain(range(999, 1));
        assertThat(next.more()).isTrue();
        Renewal.Renewed last = confirmed(held);
        assertThat(last.lost()).isEmpty();
        assertThat(last.more()).isFalse();
    }

    @Test
    @DisplayName("A lock that absorbs another tells what that one has lost, also when the merge is rolled back")
    void lostOfAbsorbed() {
        Grant first = a.granted(X, 0, 10);
        Grant second = a.granted(X, 20, 10);
        breaks("A", 25, 5);
        breaks("A", 0, 1);
        Acquisition merged = a.outcome(X, 5, 20);
        assertThat(granted(merged).id()).isEqualTo(first.id());
        assertThat(get(table.rollBack(((Acquisition.Granted) merged).request())))
                .isTrue();
        assertThat(confirmed(second).grant().range()).isEqualTo(range(20, 5));
        assertThat(granted(a.outcome(X, 5, 20)).id()).isEqualTo(first.id());
        assertThat(confirmed(second).lost())
                .extracting(lost -> lost.id() + " " + lost.range())
                .containsExactlyInAnyOrder(first.id() + " " + range(0, 1), second.id() + " " + range(25, 5));
        assertThat(confirmed(first).lost()).isEmpty();
    }

    @Test
    @DisplayName("A batch that begins again, because expired locks lie in its way, tells each loss once")
    void lostOnceByARepeatedBatch() {
        Grant first = a.granted(X, 0, 10);
        a.granted(X, 20, 10);
        breaks("A", 25, 5);
        for (int i = 0; i < 120; i++) {
            b.leasing(shortLease()).granted(X, 2_000 + 20L * i, 10);
        }
        Grant last = b.leasing(shortLease()).granted(X, 1_000, 10);
        eventually(() -> get(table.find(last.id())).isEmpty());
        get(table.batch(space, List.of(), List.of(a.lock(X, 5, 20), a.lock(X, 2_000, 10_000))));
        assertThat(confirmed(first).lost()).extracting(Grant::range).containsExactly(range(25, 5));
    }

    @Test
    @DisplayName("L11 both parts of a split lease end, and a renewed part alone outlives the other")
    void splitLease() {
        Grant held = a.leasing(shortLease()).granted(X, 0, 10);
        a.released(4, 2);
        renewed(get(table.renew(held.id(), held.protocol(), principal, Duration.ofHours(1))));
        eventually(() -> b.outcome(X, 6, 4) instanceof Acquisition.Granted);
        stands("A X(0,4)", "B X(6,4)");
    }

    @Test
    @DisplayName("A sweep deletes expired locks and no live one")
    void sweep() {
        Grant stays = a.granted(X, 0, 10);
        Grant leased = b.leasing(Duration.ofHours(1)).granted(X, 20, 10);
        Grant ends = c.leasing(shortLease()).granted(X, 40, 10);
        eventually(() -> get(table.find(ends.id())).isEmpty());
        get(table.sweep());
        assertThat(shown(grants())).containsExactly(shown(stays), shown(leased));
        assertThat(get(table.renew(ends.id(), ends.protocol(), principal, Duration.ofHours(1))))
                .isEqualTo(new Renewal.Lost());
        assertThat(valid(stays, 0, 10)).isTrue();
    }

    // ----------------------------------------------------------------------------------------------------- in parallel

    @Test
    @DisplayName("L11 locking right after unlocking works, by the same owner and by another")
    void l11RightAfter() {
        for (int i = 0; i < 20; i++) {
            Holder holder = i % 3 == 0 ? b : a;
            holder.granted(X, 0, 10);
            holder.released(0, 10);
        }
        stands();
    }

    @Test
    @DisplayName("L11 a counter guarded by the lock is exact")
    @SuppressWarnings("ThreadPriorityCheck") // Invites the other threads in; the lock must keep them out.
    void l11Counter() throws Exception {
        int[] counter = {0};
        List<FencingToken> tokens = new ArrayList<>();
        onThreads(4, thread -> {
            Holder holder = nlm("T" + thread);
            for (int i = 0; i < 25; i++) {
                Acquisition answer;
                do {
                    answer = holder.outcome(X, 3, 4);
                } while (!(answer instanceof Acquisition.Granted));
                int seen = counter[0];
                tokens.add(granted(answer).token());
                Thread.yield();
                counter[0] = seen + 1;
                holder.released(0, EOF);
            }
            return null;
        });
        assertThat(counter[0]).isEqualTo(100);
        assertThat(tokens).hasSize(100).isSorted().doesNotHaveDuplicates();
        stands();
    }

    @Test
    @DisplayName("Of several concurrent requests for common bytes exactly one is granted")
    void race() throws Exception {
        for (int round = 0; round < 10; round++) {
            long offset = 100L * round;
            List<Boolean> won = onThreads(
                    4, thread -> nlm("T" + thread).outcome(X, offset + thread, 10) instanceof Acquisition.Granted);
            assertThat(won).containsOnlyOnce(true);
        }
    }

    // ------------------------------------------------------------------------------------------------------- limits

    @Test
    @DisplayName("An owner has a limit of ranges per space; a call that adds no range is still granted")
    void limit() {
        Optional<RangeLockTable> limited = tableWithLimit(4);
        assumeTrue(limited.isPresent(), "no table with a limit given");
        table = limited.get();
        for (int i = 0; i < 4; i++) {
            a.granted(X, 10L * i, 5);
        }
        List<String> full = state();
        assertThat(a.outcome(X, 50, 5)).isEqualTo(new Acquisition.TooManyRanges(4));
        assertThat(a.outcome(S, 2, 1)).as("a split adds two").isEqualTo(new Acquisition.TooManyRanges(4));
        assertThat(state()).isEqualTo(full);
        a.granted(X, 0, 5);
        a.granted(X, 5, 1);
        assertThat(get(table.batch(space, List.of(), List.of(a.lock(X, 6, 1), a.lock(X, 60, 1)))))
                .isEqualTo(new BatchOutcome.TooManyRanges(1, 4));
        stands("A X(0,6)", "A X(10,5)", "A X(20,5)", "A X(30,5)");
        b.granted(X, 50, 5);
        granted(get(table.acquire(freshSpace(), a.request(X, range(50, 5)))));
        assertThat(a.released(12, 1)).as("an unlock is never refused").isEqualTo(1);
        a.granted(X, 0, 40);
        a.granted(X, 60, 5);
        stands("A X(0,40)", "B X(50,5)", "A X(60,5)");
    }

    @Test
    @DisplayName("An SMB handle has a limit of locks per space, and each stacked one counts")
    void limitSmb() {
        Optional<RangeLockTable> limited = tableWithLimit(4);
        assumeTrue(limited.isPresent(), "no table with a limit given");
        table = limited.get();
        for (int i = 0; i < 4; i++) {
            h1.granted(S, 0, 10);
        }
        assertThat(h1.outcome(S, 0, 10)).isEqualTo(new Acquisition.TooManyRanges(4));
        h2.granted(S, 0, 10);
        h1.released(0, 10);
        h1.granted(S, 20, 10);
    }

    @Test
    @DisplayName("A principal has a limit of grants in a bucket, under any owner ids and protocols")
    void limitOfGrants() {
        Optional<RangeLockTable> limited = tableWithGrantLimit(4);
        assumeTrue(limited.isPresent(), "no table with a limit given");
        table = limited.get();
        a.granted(X, 0, 5);
        b.granted(X, 10, 5);
        h1.granted(S, 0, 10);
        h2.granted(S, 0, 10);
        List<String> full = state();
        Acquisition tooMany = new Acquisition.TooManyGrants(4);
        assertThat(c.outcome(X, 50, 5)).as("the short way").isEqualTo(tooMany);
        assertThat(a.outcome(S, 2, 1)).as("a split adds two").isEqualTo(tooMany);
        assertThat(h1.outcome(X, 90, 0)).as("a point").isEqualTo(tooMany);
        assertThat(get(table.batch(space, List.of(), List.of(a.lock(X, 5, 1), c.lock(X, 60, 1)))))
                .isEqualTo(new BatchOutcome.TooManyGrants(1, 4));
        assertThat(state()).isEqualTo(full);
        a.granted(X, 0, 6);
        assertThat(get(table.batch(space, List.of(b.unlock(10, 5)), List.of(c.lock(X, 60, 1)))))
                .as("what it frees, it may take")
                .isInstanceOf(BatchOutcome.Done.class);
        assertThat(a.released(2, 1)).as("an unlock is never refused").isEqualTo(1);
        assertThat(c.outcome(X, 70, 5)).isEqualTo(tooMany);
        a.granted(X, 2, 1);
        h1.released(0, 10);
        c.granted(X, 70, 5);
        new Holder(Protocol.NLM, new Owner(principal + "-2", "A", "machine")).granted(X, 80, 5);
    }

    // -------------------------------------------------------------------------------------------------------- lists

    @Test
    @DisplayName(
            "Q01 walking a list by pages shows every grant once, in the order of ids, pages full, next always there")
    void q01() {
        Set<GrantId> all = new HashSet<>();
        for (int i = 0; i < 23; i++) {
            all.add(granted(get(table.acquire(freshSpace(), a.request(X, range(i, 1)))))
                    .id());
        }
        List<Grant> seen = new ArrayList<>();
        Cursor cursor = Cursor.START;
        while (true) {
            GrantPage page = get(table.list(mine(Protocol.NLM, "A"), cursor, 4));
            seen.addAll(page.grants());
            cursor = page.next();
            if (page.grants().size() < 4) {
                break;
            }
        }
        assertThat(seen)
                .extracting(Grant::id)
                .containsExactlyInAnyOrderElementsOf(all)
                .doesNotHaveDuplicates();
        assertThat(seen)
                .isSortedAccordingTo(Comparator.comparingInt((Grant g) -> g.id().bucket())
                        .thenComparing(g -> g.id().sequence(), Long::compareUnsigned));
        assertThat(get(table.list(mine(Protocol.NLM, "A"), cursor, 4)).grants()).isEmpty();
    }

    @Test
    @DisplayName("Q01 a grant held throughout a walk appears exactly once, even if renewed, trimmed and merged")
    void q01UnderChange() {
        List<LockSpace> spaces =
                IntStream.range(0, 16).mapToObj(ignored -> freshSpace()).toList();
        Holder leasing = a.leasing(Duration.ofHours(1));
        List<Grant> grants = spaces.stream()
                .map(s -> granted(get(table.acquire(s, leasing.request(X, range(10, 10))))))
                .toList();
        List<GrantId> seen = new ArrayList<>();
        Cursor cursor = Cursor.START;
        for (int step = 0; ; step++) {
            GrantPage page = get(table.list(mine(Protocol.NLM, "A"), cursor, 3));
            page.grants().forEach(g -> seen.add(g.id()));
            cursor = page.next();
            if (page.grants().size() < 3) {
                break;
            }
            LockSpace changed = spaces.get(step % 12);
            Grant renewed = grants.get(step % 12);
            get(table.renew(renewed.id(), renewed.protocol(), principal, Duration.ofHours(2)));
            get(table.acquire(changed, leasing.request(X, range(15, 10))));
            get(table.release(changed, leasing.unlock(range(10, 2))));
            get(table.releaseGrant(grants.get(12 + step % 4).id(), Optional.empty()));
            get(table.acquire(freshSpace(), b.request(X, range(0, 1))));
        }
        assertThat(seen).doesNotHaveDuplicates();
        assertThat(seen)
                .containsAll(grants.subList(0, 12).stream().map(Grant::id).toList());
    }

    @Test
    @DisplayName("Q05 each filter shows exactly what matches, and several together mean all of them")
    void q05() {
        a.at("10.0.0.1").granted(S, 0, 10);
        a.at("2001:db8::1").granted(S, 20, 10);
        b.at("10.0.0.1").granted(S, 0, 10);
        new Holder(Protocol.NFS4, a.owner).granted(S, 40, 10);
        h1.granted(X, 0, 10);
        GrantFilter byFile = GrantFilter.ofFile(Protocol.NLM, space.fileId(), space.snapshotId());
        assertThat(listed(byFile)).containsExactlyInAnyOrder("A S(0,10)", "A S(20,10)", "B S(0,10)");
        assertThat(listed(filter(Protocol.NLM, "10.0.0.1", "", "")))
                .containsExactlyInAnyOrder("A S(0,10)", "B S(0,10)");
        assertThat(listed(filter(Protocol.NLM, "2001:db8::1", "", ""))).containsExactly("A S(20,10)");
        assertThat(listed(filter(Protocol.NLM, "10.0.0.1", "machine", "B"))).containsExactly("B S(0,10)");
        assertThat(listed(filter(Protocol.NLM, "10.0.0.1", "another", ""))).isEmpty();
        assertThat(listed(filter(Protocol.NFS4, "", "machine", ""))).containsExactly("A S(40,10)");
        assertThat(listed(filter(Protocol.SMB, "", "", "h1"))).containsExactly("h1 X(0,10)");
        assertThat(listed(filter(Protocol.SMB, "", "", "A"))).isEmpty();
    }

    @Test
    @DisplayName("Counts give the number of grants per address, file and mode")
    void count() {
        a.at("10.0.0.1").granted(S, 0, 10);
        a.at("10.0.0.1").granted(X, 20, 10);
        b.at("10.0.0.2").granted(S, 0, 10);
        LockSpace other = new LockSpace(-5, "", LockSpace.DEFAULT_STREAM);
        Grant there = granted(get(table.acquire(other, nlm("only-" + principal).request(S, range(0, 1)))));
        GrantFilter all = filter(Protocol.NLM, "", "machine", "");
        assertThat(get(table.count(all, CountBy.OWNER_ADDRESS)))
                .containsEntry("10.0.0.1", 2L)
                .containsEntry("10.0.0.2", 1L);
        assertThat(get(table.count(all, CountBy.MODE))).isEqualTo(Map.of("SHARED", 3L, "EXCLUSIVE", 1L));
        assertThat(get(table.count(all, CountBy.FILE)))
                .isEqualTo(Map.of(Long.toUnsignedString(space.fileId()), 3L, "18446744073709551611", 1L));
        get(table.releaseGrant(there.id(), Optional.empty()));
    }

    @Test
    @DisplayName("Releasing by filter releases exactly the matching grants, of any file")
    void releaseAll() {
        a.granted(X, 0, 10);
        LockSpace elsewhere = freshSpace();
        granted(get(table.acquire(elsewhere, a.request(X, range(0, 10)))));
        b.granted(X, 20, 10);
        h1.granted(X, 0, 10);
        GrantFilter none = filter(Protocol.NLM, "", "", "nobody");
        assertThat(get(table.releaseAll(none))).isZero();
        assertThat(get(table.releaseAll(mine(Protocol.NLM, "A")))).isEqualTo(2);
        stands("h1 X(0,10)", "B X(20,10)");
        granted(get(table.acquire(elsewhere, b.request(X, range(0, 10)))));
    }

    // ---------------------------------------------------------------------------------------------------- vocabulary

    private Holder nlm(String ownerId) {
        return new Holder(Protocol.NLM, new Owner(principal, ownerId, "machine"));
    }

    private Holder smb(String ownerId) {
        return new Holder(Protocol.SMB, new Owner(principal, ownerId, "machine"));
    }

    /** Somebody who asks, in the space of the test. */
    private final class Holder {
        private final Protocol protocol;
        private final Owner owner;
        private final String address;
        private final LockLifetime lifetime;

        Holder(Protocol protocol, Owner owner) {
            this(protocol, owner, "192.0.2.1", unlimited());
        }

        private Holder(Protocol protocol, Owner owner, String address, LockLifetime lifetime) {
            this.protocol = protocol;
            this.owner = owner;
            this.address = address;
            this.lifetime = lifetime;
        }

        Holder at(String changed) {
            return new Holder(protocol, owner, changed, lifetime);
        }

        Holder leasing(Duration length) {
            return new Holder(protocol, owner, address, LockLifetime.lease(length));
        }

        LockSpec request(LockModes modes, ByteRange range) {
            return new LockSpec(protocol, modes, range, owner, address, "node-1", lifetime);
        }

        LockSpec lock(LockModes modes, long offset, long size) {
            return request(modes, ByteRange.of(protocol.semantics(), offset, size));
        }

        UnlockSpec unlock(ByteRange range) {
            return new UnlockSpec(protocol, range, OwnerSelector.exactly(owner));
        }

        UnlockSpec unlock(long offset, long size) {
            return unlock(ByteRange.of(protocol.semantics(), offset, size));
        }

        Acquisition outcome(LockModes modes, long offset, long size) {
            return get(table.acquire(space, lock(modes, offset, size)));
        }

        Grant granted(LockModes modes, long offset, long size) {
            return RangeLockTableContract.granted(outcome(modes, offset, size));
        }

        /** Is refused, and told the same by a test. */
        Conflict isRefused(LockModes modes, long offset, long size) {
            Acquisition answer = outcome(modes, offset, size);
            assertThat(answer).isInstanceOf(Acquisition.Refused.class);
            assertThat(tests(modes, offset, size)).isPresent();
            return ((Acquisition.Refused) answer).conflict();
        }

        Optional<Conflict> tests(LockModes modes, long offset, long size) {
            return get(table.test(space, lock(modes, offset, size)));
        }

        /** Whether a test finds the bytes free to take. */
        boolean finds(LockModes modes, long offset, long size) {
            return tests(modes, offset, size).isEmpty();
        }

        boolean finds(LockModes modes, ByteRange range) {
            return get(table.test(space, request(modes, range))).isEmpty();
        }

        long released(long offset, long size) {
            return RangeLockTableContract.this.released(unlock(offset, size));
        }

        void findsNothingToRelease(long offset, long size) {
            assertThat(get(table.release(space, unlock(offset, size)))).isEqualTo(new Release.NoSuchLock());
        }

        @Override
        public String toString() {
            return owner.ownerId();
        }
    }

    private static <T> T get(Uni<T> answer) {
        return answer.await().atMost(PATIENCE);
    }

    private static Grant granted(Acquisition answer) {
        assertThat(answer).isInstanceOf(Acquisition.Granted.class);
        return ((Acquisition.Granted) answer).grant();
    }

    private static Grant renewed(Renewal answer) {
        assertThat(answer).isInstanceOf(Renewal.Renewed.class);
        return ((Renewal.Renewed) answer).grant();
    }

    private long released(UnlockSpec unlock) {
        Release answer = get(table.release(space, unlock));
        assertThat(answer).isInstanceOf(Release.Released.class);
        return ((Release.Released) answer).grants();
    }

    private boolean valid(Grant grant, long offset, long size) {
        return get(table.check(space, range(offset, size), grant.token())) instanceof FenceCheck.Valid;
    }

    private static LockLifetime unlimited() {
        return LockLifetime.UNTIL_RELEASED;
    }

    private static ByteRange range(long offset, long size) {
        return ByteRange.of(LockSemantics.POSIX, offset, size);
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    private static Duration left(Grant grant) {
        Duration left = grant.expiresIn();
        assertThat(left).isNotNull();
        return left == null ? Duration.ZERO : left;
    }

    private static GrantId neverDrawn(GrantId near) {
        return new GrantId(near.bucket(), near.sequence() + (1L << 38));
    }

    private void eventually(Callable<Boolean> condition) {
        await().atMost(shortLease().multipliedBy(4).plusSeconds(2))
                .pollInterval(Duration.ofMillis(20))
                .until(condition);
    }

    private GrantFilter mine(Protocol protocol, String ownerId) {
        return filter(protocol, "", "", ownerId);
    }

    /** Parts left empty do not filter; the account is always the test's own. */
    private GrantFilter filter(Protocol protocol, String address, String name, String ownerId) {
        return new GrantFilter(
                protocol, Optional.empty(), given(address), given(name), given(ownerId), Optional.of(principal));
    }

    private static Optional<String> given(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private List<String> listed(GrantFilter filter) {
        return shown(get(table.list(filter, Cursor.START, 100)).grants());
    }

    /** Everything that stands in the space, by first byte, then owner, then age. */
    private List<Grant> grants() {
        List<Grant> grants = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            GrantFilter all = GrantFilter.ofFile(protocol, space.fileId(), space.snapshotId());
            get(table.list(all, Cursor.START, 100)).grants().stream()
                    .filter(g -> g.space().equals(space))
                    .forEach(grants::add);
        }
        grants.sort(Comparator.comparing((Grant g) -> g.range().first(), Long::compareUnsigned)
                .thenComparingInt(g -> g.range().empty() ? 0 : 1)
                .thenComparing(g -> g.owner().ownerId())
                .thenComparing(g -> g.id().sequence(), Long::compareUnsigned));
        return grants;
    }

    private List<String> state() {
        return shown(grants());
    }

    private void stands(String... expected) {
        assertThat(state()).containsExactly(expected);
    }

    private static List<String> blockers(Optional<Conflict> conflict) {
        return shown(conflict.orElseThrow().blockers());
    }

    private static List<String> shown(List<Grant> grants) {
        return grants.stream().map(RangeLockTableContract::shown).toList();
    }

    /** As docs/lock-semantics.md writes it: {@code A X(10,5)}. */
    private static String shown(Grant grant) {
        LockSemantics semantics = grant.protocol().semantics();
        long size = grant.range().sizeIn(semantics);
        return "%s %s(%s,%s)"
                .formatted(
                        grant.owner().ownerId(),
                        grant.modes().strength() == LockStrength.EXCLUSIVE ? "X" : "S",
                        Long.toUnsignedString(grant.range().first()),
                        size == 0 && semantics == LockSemantics.POSIX ? "EOF" : Long.toUnsignedString(size));
    }

    private interface Work<T extends @Nullable Object> {
        T on(int thread) throws Exception;
    }

    /** Does {@code work} on several threads at once and fails if any of them does. */
    private static <T extends @Nullable Object> List<T> onThreads(int threads, Work<T> work) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                running.add(executor.submit(() -> work.on(thread)));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> one : running) {
                results.add(one.get());
            }
            return results;
        }
    }
}
