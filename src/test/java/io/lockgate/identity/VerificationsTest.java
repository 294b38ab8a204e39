package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VerificationsTest {
    private final InMemoryTokenStore store = new InMemoryTokenStore();
    private final InMemoryUserStore users = new InMemoryUserStore();
    private final int[] counts = new int[3];
    private long nanos;
    private Verifications verifications;
    private TokenHash token;

    @BeforeEach
    void start() {
        verifications = new Verifications(
                store,
                users,
                new Verifications.Observer() {
                    @Override
                    public void fromCache() {
                        counts[0]++;
                    }

                    @Override
                    public void fromStore() {
                        counts[1]++;
                    }

                    @Override
                    public void fromLastKnown() {
                        counts[2]++;
                    }
                },
                Duration.ofSeconds(5),
                Duration.ofMinutes(10),
                100,
                () -> nanos);
        token = made(TokenKind.BEARER, Duration.ofHours(10));
    }

    /** Within the fresh time, no call of the store. */
    @Test
    void cachedCostsNoCall() {
        ask(token);
        int before = store.calls();
        for (int i = 0; i < 100; i++) {
            assertThat(ask(token)).isPresent();
        }
        assertThat(store.calls()).isEqualTo(before);
        assertThat(counts).containsExactly(100, 1, 0);
    }

    /** A revoked token stops within the fresh time, in steady use as after a rest. */
    @Test
    void revocationTakesEffect() {
        ask(token);
        await(store.revoke(token));
        pass(Duration.ofSeconds(4));
        ask(token);
        assertThat(ask(token)).isEmpty();

        TokenHash resting = made(TokenKind.BEARER, Duration.ofHours(1));
        ask(resting);
        await(store.revoke(resting));
        pass(Duration.ofSeconds(5));
        assertThat(ask(resting)).isEmpty();
    }

    /** Here it stops at once. */
    @Test
    void forgottenIsAskedAnew() {
        ask(token);
        await(store.revoke(token));
        verifications.forget(identity -> identity.userId() == 7);
        assertThat(ask(token)).isEmpty();
    }

    /** A token ends on time although it is remembered. */
    @Test
    void expiryIsKeptTo() {
        TokenHash shortLived = made(TokenKind.BEARER, Duration.ofSeconds(2));
        assertThat(ask(shortLived)).isPresent();
        pass(Duration.ofSeconds(2));
        assertThat(ask(shortLived)).isEmpty();
    }

    /** While the store is down the last known stays for ten minutes, marked as such; then it is unavailable. */
    @Test
    void lastKnownStaysForAWhile() {
        ask(token);
        store.setDown(true);
        pass(Duration.ofSeconds(4));
        assertThat(ask(token).orElseThrow().confirmed()).isTrue();
        pass(Duration.ofSeconds(2));
        assertThat(ask(token).orElseThrow().confirmed()).isFalse();
        pass(Duration.ofMinutes(9));
        assertThat(ask(token).orElseThrow().confirmed()).isFalse();
        pass(Duration.ofMinutes(1));
        assertThatExceptionOfType(IdentityUnavailableException.class).isThrownBy(() -> ask(token));
    }

    /** A store that is down is asked once a second, not by everybody. */
    @Test
    void downIsAskedSeldom() {
        ask(token);
        store.setDown(true);
        pass(Duration.ofSeconds(6));
        ask(token);
        int before = store.calls();
        for (int i = 0; i < 100; i++) {
            ask(token);
            TokenHash unknown = TokenSecret.draw("").hash();
            assertThatExceptionOfType(IdentityUnavailableException.class).isThrownBy(() -> ask(unknown));
        }
        assertThat(store.calls()).isEqualTo(before);
        store.setDown(false);
        pass(Duration.ofSeconds(1));
        assertThat(ask(token).orElseThrow().confirmed()).isTrue();
    }

    /** What is no token is not remembered: it may be one a moment later. */
    @Test
    void absenceIsNotRemembered() {
        TokenSecret secret = TokenSecret.draw("");
        assertThat(ask(secret.hash())).isEmpty();
        await(store.create(
                new TokenStore.NewToken(secret.hash(), TokenKind.BEARER, "", 7, "u", Duration.ofHours(1), false)));
        assertThat(ask(secret.hash())).isPresent();
    }

    /** The subject of a signed token is remembered, refreshed and kept through an outage in the same way. */
    @Test
    void subjectsLikewise() {
        Subject pod = new Subject("pod");
        assertThat(ask(pod)).isEmpty();
        Permission held = Permission.everywhere(Permission.LOCK_ACQUIRE);
        await(users.create(new UserStore.NewUser("pod", Optional.empty(), "-", List.of(held))));
        Identity identity = ask(pod).orElseThrow();
        assertThat(identity)
                .isEqualTo(new Identity(
                        "pod", identity.userId(), TokenKind.BEARER, Identity.NO_TOKEN, true, true, List.of(held)));

        users.setDown(true);
        pass(Duration.ofSeconds(4));
        assertThat(ask(pod).orElseThrow().confirmed()).isTrue();
        pass(Duration.ofSeconds(2));
        assertThat(ask(pod).orElseThrow().confirmed()).isFalse();
        pass(Duration.ofMinutes(10));
        assertThatExceptionOfType(IdentityUnavailableException.class).isThrownBy(() -> ask(pod));

        users.setDown(false);
        pass(Duration.ofSeconds(1));
        assertThat(ask(pod).orElseThrow().confirmed()).isTrue();
        await(users.change(
                identity.userId(), new UserStore.Change(Optional.empty(), Optional.empty(), Optional.of(List.of()))));
        pass(Duration.ofSeconds(5));
        assertThat(ask(pod).orElseThrow().permissions()).isEmpty();
        await(users.delete(identity.userId()));
        pass(Duration.ofSeconds(5));
        assertThat(ask(pod)).isEmpty();
    }

    private TokenHash made(TokenKind kind, Duration lifetime) {
        TokenSecret secret = TokenSecret.draw("");
        await(store.create(new TokenStore.NewToken(secret.hash(), kind, "", 7, "u", lifetime, false)));
        return secret.hash();
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
        store.pass(time);
    }

    private Optional<Identity> ask(Evidence shown) {
        return await(verifications.of(shown));
    }

    private static <T> T await(Uni<T> answer) {
        return answer.await().atMost(Duration.ofSeconds(10));
    }
}
