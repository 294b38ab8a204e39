package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CredentialCacheTest {
    private final InMemoryTokenStore store = new InMemoryTokenStore();
    private final InMemoryUserStore users = new InMemoryUserStore();
    private final int[] counts = new int[5];
    private long nanos;
    private CredentialCache verifications;
    private TokenHash token;

    @BeforeEach
    void start() {
        verifications = new CredentialCache(
                store,
                users,
                new CredentialCache.Observer() {
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

                    @Override
                    public void fromAbsent() {
                        counts[3]++;
                    }

                    @Override
                    public void refused() {
                        counts[4]++;
                    }
                },
                Duration.ofSeconds(5),
                Duration.ofMinutes(10),
                100,
                new UnknownCredentialLimits(2, 4, 8),
                () -> nanos);
        token = made(TokenKind.BEARER, Duration.ofHours(10));
    }

    @Test
    @DisplayName("Within the fresh period a cached credential costs no call of the store")
    void cachedCostsNoCall() {
        ask(token);
        int before = store.calls();
        for (int i = 0; i < 100; i++) {
            assertThat(ask(token)).isPresent();
        }
        assertThat(store.calls()).isEqualTo(before);
        assertThat(counts).containsExactly(100, 1, 0, 0, 0);
    }

    @Test
    @DisplayName("A revoked token is refused within the fresh period, whether it is used constantly or rarely")
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

    @Test
    @DisplayName("A token that is evicted is refused at once")
    void forgottenIsAskedAnew() {
        ask(token);
        await(store.revoke(token));
        verifications.forget(identity -> identity.userId() == 7);
        assertThat(ask(token)).isEmpty();
    }

    @Test
    @DisplayName("A cached token expires on time")
    void expiryIsKeptTo() {
        TokenHash shortLived = made(TokenKind.BEARER, Duration.ofSeconds(2));
        assertThat(ask(shortLived)).isPresent();
        pass(Duration.ofSeconds(2));
        assertThat(ask(shortLived)).isEmpty();
    }

    @Test
    @DisplayName(
            "While the store is down the last known state is used for ten minutes, marked as stale, then unavailable")
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

    @Test
    @DisplayName("A store that is down is called once a second, not by every caller")
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

    /** So a flood of one token costs one call of the store. */
    @Test
    @DisplayName("An unknown token is cached as unknown for the fresh period")
    void absenceIsRememberedForAWhile() {
        TokenHash bad = TokenSecret.draw("").hash();
        int before = store.calls();
        for (int i = 0; i < 1_000; i++) {
            assertThat(ask(bad)).isEmpty();
        }
        assertThat(store.calls()).isEqualTo(before + 1);
        assertThat(counts[3]).isEqualTo(999);

        // Made at another gateway.
        create(bad);
        assertThat(ask(bad)).isEmpty();
        pass(Duration.ofSeconds(5));
        assertThat(ask(bad)).isPresent();
    }

    @Test
    @DisplayName("A new token works at once, even if it was looked up in vain just before")
    void madeIsNoLongerAbsent() {
        TokenHash bad = TokenSecret.draw("").hash();
        assertThat(ask(bad)).isEmpty();
        create(bad);
        verifications.made(bad);
        assertThat(ask(bad)).isPresent();

        TokenHash raced = TokenSecret.draw("").hash();
        store.hold(true);
        Uni<Optional<Caller>> early = begun(raced);
        create(raced);
        verifications.made(raced);
        Uni<Optional<Caller>> late = begun(raced);
        store.answerFirst(Optional.empty());
        store.hold(false);
        assertThat(await(early)).isEmpty();
        store.answerAll();
        assertThat(await(late)).isPresent();
        assertThat(ask(raced)).isPresent();
    }

    @Test
    @DisplayName("A token that is evicted during its look-up is not cached")
    void forgottenMeanwhileIsNotRemembered() {
        store.hold(true);
        Uni<Optional<Caller>> early = begun(token);
        store.hold(false);
        TokenStore.Found found = await(store.use(token)).orElseThrow();
        await(store.revoke(token));
        verifications.forget(token);
        store.answerFirst(Optional.of(found));
        assertThat(await(early)).isPresent();
        assertThat(ask(token)).isEmpty();
    }

    @Test
    @DisplayName("Callers who present one credential at the same time share one look-up")
    void oneLookUpForAll() {
        store.hold(true);
        int before = store.calls();
        List<Uni<Optional<Caller>>> asked = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            asked.add(begun(token));
        }
        store.answerAll();
        store.hold(false);
        assertThat(store.calls()).isEqualTo(before + 1);
        assertThat(asked).allSatisfy(one -> assertThat(await(one)).isPresent());
    }

    @Test
    @DisplayName("Unknown credentials beyond a network's limit are refused; other networks and known callers are not")
    void unknownAreBoundedByNetwork() {
        ask(token);
        pass(Duration.ofSeconds(5));
        store.hold(true);
        int before = store.calls();
        List<Uni<Optional<Caller>>> flood = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            flood.add(begun(TokenSecret.draw("").hash(), "10.0.0.66"));
        }
        assertThat(store.calls()).isEqualTo(before + 2);
        Uni<Optional<Caller>> stranger = begun(TokenSecret.draw("").hash(), "10.0.0.1");
        Uni<Optional<Caller>> known = begun(token, "10.0.0.66");
        assertThat(store.calls()).isEqualTo(before + 3);
        assertThat(counts[4]).isEqualTo(50 - 2 - 4);

        // The first place that comes free is the next of the flood, the second is the other network's.
        store.answerFirst(Optional.empty());
        store.answerFirst(Optional.empty());
        store.hold(false);
        store.answerAll();
        assertThat(await(stranger)).isEmpty();
        assertThat(await(known)).isPresent();
        int refused = 0;
        for (Uni<Optional<Caller>> one : flood) {
            try {
                assertThat(await(one)).isEmpty();
            } catch (TooManyUnknownException e) {
                refused++;
            }
        }
        assertThat(refused).isEqualTo(44);
    }

    @Test
    @DisplayName("A busy store is not down: stale states are not used, and other callers go on asking")
    void busyIsNotDown() {
        ask(token);
        await(store.revoke(token));
        store.setBusy(true);
        pass(Duration.ofSeconds(4));
        assertThat(ask(token)).isPresent();
        pass(Duration.ofSeconds(1));
        for (int i = 0; i < 10; i++) {
            assertThatExceptionOfType(IdentityUnavailableException.class)
                    .isThrownBy(() -> ask(token))
                    .matches(IdentityUnavailableException::isBusy);
        }
        assertThat(counts[2]).isZero();
        store.setBusy(false);
        assertThat(ask(token)).isEmpty();
    }

    @Test
    @DisplayName("The subject of a signed token is cached, refreshed and kept through an outage in the same way")
    void subjectsLikewise() {
        JwtSubject pod = new JwtSubject("pod");
        assertThat(ask(pod)).isEmpty();
        Permission held = Permission.everywhere(Permission.LOCK_ACQUIRE);
        await(users.create(new UserStore.NewUser("pod", Optional.empty(), "-", List.of(held))));
        assertThat(ask(pod)).isEmpty();
        verifications.made(pod);
        Caller identity = ask(pod).orElseThrow();
        assertThat(identity)
                .isEqualTo(new Caller(
                        "pod", identity.userId(), TokenKind.BEARER, Caller.NO_TOKEN, true, true, List.of(held)));

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

    private void create(TokenHash hash) {
        await(store.create(new TokenStore.NewToken(hash, TokenKind.BEARER, "", 7, "u", Duration.ofHours(1), false)));
    }

    private Optional<Caller> ask(CredentialKey shown) {
        return await(verifications.of(shown, () -> "10.0.0.1"));
    }

    /** Asked, and not waited for. */
    private Uni<Optional<Caller>> begun(CredentialKey shown) {
        return begun(shown, "10.0.0.1");
    }

    private Uni<Optional<Caller>> begun(CredentialKey shown, String network) {
        Uni<Optional<Caller>> answer =
                verifications.of(shown, () -> network).memoize().indefinitely();
        answer.subscribe().with(item -> {}, failure -> {});
        return answer;
    }

    private static <T> T await(Uni<T> answer) {
        return answer.await().atMost(Duration.ofSeconds(10));
    }
}
