package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.redis.ClockTrack.Leases;
import io.lockgate.redis.ClockTrack.Verdict;
import io.lockgate.redis.topology.ServerTime;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClockTrackTest {
    private static final long START = 1_700_000_000_000L;
    private static final long HOUR = Duration.ofHours(1).toMillis();

    private final ClockTrack track = new ClockTrack(at(0, 0));

    /**
     * A reading of the server's clock.
     *
     * @param own seconds of this process' clock since the start
     * @param server ms of the server's since then
     */
    private static ServerTime at(double own, long server) {
        long nanos = (long) (own * 1e9);
        return new ServerTime(START + server, nanos, nanos + 1_000_000);
    }

    private Leases leases(double own, long server) {
        return track.visit(at(own, server)).leases();
    }

    @Test
    @DisplayName("A correct clock is trusted, also at a late check and at a slow one")
    void right() {
        assertThat(leases(1, 1_000)).isEqualTo(Leases.END);
        assertThat(leases(1_801, 1_801_000)).as("half an hour later").isEqualTo(Leases.END);
        // This process stood still for a minute, before or after the server read its clock.
        long sent = 1_802_000_000_000L;
        long received = sent + 60_000_000_000L;
        assertThat(track.visit(new ServerTime(START + 1_802_000, sent, received))
                        .leases())
                .isEqualTo(Leases.END);
        assertThat(leases(1_863, 1_863_000)).isEqualTo(Leases.END);
        assertThat(track.visit(new ServerTime(START + 1_924_000, 1_864_000_000_000L, 1_924_000_000_000L))
                        .leases())
                .isEqualTo(Leases.END);
    }

    @Test
    @DisplayName("A clock that NTP slews, or that steps by less than 2 s, is trusted")
    void slewed() {
        assertThat(leases(1, 2_900)).isEqualTo(Leases.END);
        assertThat(leases(2, 2_100)).isEqualTo(Leases.END);
        assertThat(leases(36_002, 36_002_100 + 18_000))
                .as("500 ppm of ten hours")
                .isEqualTo(Leases.END);
    }

    @Test
    @DisplayName("A clock an hour ahead freezes leases until two checks have found it correct again")
    void aheadAndBack() {
        Verdict jumped = track.visit(at(1, 1_000 + HOUR));
        assertThat(jumped.leases()).isEqualTo(Leases.HELD);
        assertThat(jumped.isNew()).isTrue();
        assertThat(jumped.jumpMillis()).isBetween(HOUR, HOUR + 10);
        Verdict still = track.visit(at(2, 2_000 + HOUR));
        assertThat(still.leases()).isEqualTo(Leases.HELD);
        assertThat(still.isNew()).isFalse();
        assertThat(still.jumpMillis()).isEqualTo(jumped.jumpMillis());
        assertThat(still.holdMillis()).isLessThan(30_000);
        assertThat(leases(3, 3_000)).isEqualTo(Leases.HELD);
        assertThat(leases(4, 4_000)).isEqualTo(Leases.RESUME);
        assertThat(leases(5, 5_000)).isEqualTo(Leases.END);
    }

    @Test
    @DisplayName("A clock that stays where it jumped to counts after 30 s")
    void stays() {
        for (int second = 1; second <= 30; second++) {
            assertThat(leases(second, second * 1_000L + HOUR))
                    .as("after %d s", second)
                    .isEqualTo(Leases.HELD);
        }
        assertThat(leases(31, 31_000 + HOUR)).isEqualTo(Leases.GIVE_UP);
        assertThat(leases(32, 32_000 + HOUR)).isEqualTo(Leases.END);
        assertThat(leases(33, 33_000)).as("back").isEqualTo(Leases.HELD);
    }

    @Test
    @DisplayName("A clock that jumps repeatedly freezes leases for 30 s in all")
    void again() {
        assertThat(track.visit(at(1, 1_000 + HOUR)).isNew()).isTrue();
        Verdict second = track.visit(at(11, 11_000 + 2 * HOUR));
        assertThat(second.isNew()).isTrue();
        assertThat(second.jumpMillis()).isBetween(2 * HOUR, 2 * HOUR + 10);
        assertThat(second.holdMillis()).isBetween(19_000L, 20_000L);
        assertThat(leases(31.5, 31_500 + 3 * HOUR)).isEqualTo(Leases.GIVE_UP);
    }

    @Test
    @DisplayName("An hour back is a jump as well")
    void back() {
        Verdict jumped = track.visit(at(1, 1_000 - HOUR));
        assertThat(jumped.leases()).isEqualTo(Leases.HELD);
        assertThat(jumped.jumpMillis()).isBetween(-HOUR - 10, -HOUR);
    }
}
