package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
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

    /** A token is found by its hash, with its kind and what is left of its life; another hash finds nothing. */
    @Test
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

    /** A revoked token is no token; ending it twice ends it once. */
    @Test
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
