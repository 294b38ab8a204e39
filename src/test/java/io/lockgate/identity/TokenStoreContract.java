package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every store of tokens promises. */
public abstract class TokenStoreContract {
    protected abstract TokenStore store();

    protected static <T> T await(Uni<T> answer) {
        return answer.await().atMost(Duration.ofSeconds(10));
    }

    protected TokenHash made(TokenKind kind, Duration lifetime) {
        TokenSecret secret = TokenSecret.draw("");
        await(store().create(new TokenStore.NewToken(
                secret.hash(), kind, secret.shown(), 1L << 40, "contract", lifetime, kind == TokenKind.SID)));
        return secret.hash();
    }

    @Test
    @DisplayName("A token is found by its hash, with its kind and remaining life; another hash finds nothing")
    void isFoundByItsHash() {
        for (TokenKind kind : TokenKind.values()) {
            TokenStore.Found found =
                    await(store().use(made(kind, Duration.ofHours(1)))).orElseThrow();

            assertThat(found.identity().kind()).isEqualTo(kind);
            assertThat(found.identity().principal()).isEqualTo("contract");
            assertThat(found.identity().userId()).isEqualTo(1L << 40);
            assertThat(found.identity().exists()).isFalse();
            assertThat(found.identity().permissions()).isEmpty();
            assertThat(found.left()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
        }
        assertThat(await(store().use(TokenSecret.draw("").hash()))).isEmpty();
    }

    @Test
    @DisplayName(
            "Of the tokens from one refresh token only the newest few are valid; other refresh tokens do not count")
    void fewFromOneRefreshToken() {
        long refresh = idOf(made(TokenKind.REFRESH, Duration.ofHours(1)));
        long other = idOf(made(TokenKind.REFRESH, Duration.ofHours(1)));
        TokenHash others = under(other, 3).orElseThrow();
        List<TokenHash> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            made.add(under(refresh, 3).orElseThrow());
        }
        for (int i = 0; i < 5; i++) {
            assertThat(await(store().use(made.get(i))).isPresent())
                    .as("number " + i)
                    .isEqualTo(i >= 2);
        }
        assertThat(await(store().use(others))).isPresent();
        // One that has ended already makes room.
        await(store().revoke(made.get(3)));
        TokenHash next = under(refresh, 3).orElseThrow();
        assertThat(List.of(made.get(2), made.get(4), next))
                .allSatisfy(hash -> assertThat(await(store().use(hash))).isPresent());
    }

    @Test
    @DisplayName("An ended refresh token, or a token of another kind, yields no token")
    void nothingFromAnEndedRefreshToken() {
        TokenHash refresh = made(TokenKind.REFRESH, Duration.ofHours(1));
        long id = idOf(refresh);
        await(store().revoke(refresh));
        assertThat(under(id, 3)).isEmpty();
        assertThat(under(idOf(made(TokenKind.BEARER, Duration.ofHours(1))), 3)).isEmpty();
        assertThat(under(Long.MAX_VALUE, 3)).isEmpty();
    }

    private long idOf(TokenHash token) {
        return await(store().use(token)).orElseThrow().identity().tokenId();
    }

    private Optional<TokenHash> under(long refresh, int most) {
        TokenSecret secret = TokenSecret.draw("");
        return await(store().createUnder(
                                refresh,
                                new TokenStore.NewToken(
                                        secret.hash(),
                                        TokenKind.BEARER,
                                        secret.shown(),
                                        1L << 40,
                                        "contract",
                                        Duration.ofHours(1),
                                        false),
                                most))
                .map(derived -> secret.hash());
    }

    @Test
    @DisplayName("A revoked token is invalid, and is revoked once")
    void revokedIsGone() {
        TokenHash byHash = made(TokenKind.BEARER, Duration.ofHours(1));
        assertThat(await(store().revoke(byHash))).isTrue();
        assertThat(await(store().revoke(byHash))).isFalse();
        assertThat(await(store().use(byHash))).isEmpty();

        TokenHash byId = made(TokenKind.BEARER, Duration.ofHours(1));
        long id = await(store().use(byId)).orElseThrow().identity().tokenId();
        assertThat(await(store().revoke(id))).isTrue();
        assertThat(await(store().use(byId))).isEmpty();
        assertThat(await(store().revoke(Long.MAX_VALUE))).isFalse();
    }
}
