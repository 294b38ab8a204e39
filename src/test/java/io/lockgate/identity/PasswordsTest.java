package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PasswordsTest {
    private final Queue<String> ended = new ConcurrentLinkedQueue<>();

    @Test
    @DisplayName("Logins of other networks and of known names go before any number of wrong passwords of one network")
    void floodMakesItsOwnNetworkWait() {
        try (Passwords passwords = new Passwords(6, 1, 64)) {
            String hash = await(passwords.hash("right one"));
            List<Uni<String>> all = new ArrayList<>();
            for (int i = 0; i < 95; i++) {
                all.add(check(passwords, "wrong", hash, new FairExecutor.Asker("10.0.0.66", "name-" + i, false)));
            }
            all.add(check(passwords, "right one", hash, new FairExecutor.Asker("10.0.0.1", "elsewhere", false)));
            all.add(check(passwords, "right one", hash, new FairExecutor.Asker("10.0.0.66", "known", true)));
            all.forEach(PasswordsTest::await);
        }
        List<String> order =
                List.copyOf(ended).stream().filter(end -> !end.endsWith("busy")).toList();
        // One was being computed, and a few may have ended while the others were asked.
        assertThat(ended.stream().filter(end -> end.endsWith("busy"))).hasSizeGreaterThan(95 - 40);
        assertThat(order.subList(Math.max(0, order.size() - 10), order.size())).allMatch(end -> end.endsWith("false"));
        assertThat(order).contains("elsewhere true", "known true");
    }

    @Test
    @DisplayName(
            "A network has a limited number of places in the queue, whatever the names; another network has its own")
    void placesOfANetwork() {
        try (Passwords passwords = new Passwords(10, 1, 64)) {
            String hash = await(new Passwords(4, 1, 1).hash("right one"));
            for (int i = 0; i < 40; i++) {
                check(passwords, "wrong", hash, new FairExecutor.Asker("10.0.0.66", "name-" + i, false));
            }
            assertThatExceptionOfType(Passwords.BusyException.class)
                    .isThrownBy(() -> await(passwords.verify(
                            "wrong", Optional.of(hash), new FairExecutor.Asker("10.0.0.66", "name-1", false))));
            assertThat(await(passwords.verify(
                            "right one", Optional.of(hash), new FairExecutor.Asker("10.0.0.1", "n", false))))
                    .isTrue();
        }
    }

    @Test
    @DisplayName("Eight characters are enough for a password, whatever their length in bytes")
    void length() {
        assertThat(Passwords.isLongEnough("1234567")).isFalse();
        assertThat(Passwords.isLongEnough("\uD83D\uDD12".repeat(7))).isFalse();
        assertThat(Passwords.isLongEnough("\uD83D\uDD12".repeat(8))).isTrue();
        assertThat(Passwords.isLongEnough("12345678")).isTrue();
    }

    private Uni<String> check(Passwords passwords, String password, String hash, FairExecutor.Asker asker) {
        Uni<String> answer = passwords
                .verify(password, Optional.of(hash), asker)
                .map(right -> asker.name() + " " + right)
                .onFailure(Passwords.BusyException.class)
                .recoverWithItem(() -> asker.name() + " busy")
                .invoke(ended::add)
                .memoize()
                .indefinitely();
        answer.subscribe().with(item -> {}, failure -> {});
        return answer;
    }

    private static <T> T await(Uni<T> answer) {
        return answer.await().atMost(Duration.ofSeconds(60));
    }
}
