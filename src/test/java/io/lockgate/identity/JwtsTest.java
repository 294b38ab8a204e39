package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockgate.testing.JsonText;
import io.lockgate.testing.SigningKey;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwtsTest {
    private static final SigningKey FIRST = SigningKey.make("first", "RS256");
    private static final SigningKey SECOND = SigningKey.make("second", "ES256");
    private static final long START = 1_800_000_000;
    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final Duration REFRESH = Duration.ofMinutes(5);

    private static final Duration BAD_FOR = Duration.ofSeconds(5);
    private static final int BAD_PER_SECOND = 2_000;

    private String shown = SigningKey.jwks(FIRST);
    private boolean down;
    private int fetches;
    private long nanos;
    private IssuerKeys keys;
    private Jwts jwts;

    @BeforeEach
    void start() {
        keys = new IssuerKeys(
                () -> {
                    fetches++;
                    return down
                            ? Uni.createFrom().failure(new IllegalStateException("down"))
                            : Uni.createFrom().item(shown);
                },
                new Unobserved(),
                PAUSE,
                REFRESH,
                Duration.ofSeconds(5),
                () -> nanos);
        jwts = jwts(keys);
    }

    private Jwts jwts(IssuerKeys from) {
        return jwts(from, BAD_PER_SECOND);
    }

    private Jwts jwts(IssuerKeys from, int badPerSecond) {
        return new Jwts(
                new JwtRules(SigningKey.ISSUER, List.of("other", SigningKey.AUDIENCE), "sub", Duration.ofSeconds(30)),
                from,
                100,
                BAD_FOR,
                badPerSecond,
                () -> Instant.ofEpochSecond(START).plusNanos(nanos),
                () -> nanos);
    }

    @ParameterizedTest
    @DisplayName("A valid token names its subject, with every algorithm")
    @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"})
    void good(String algorithm) {
        SigningKey key = SigningKey.make("k", algorithm);
        shown = SigningKey.jwks(FIRST, key);
        String token = key.sign(claims());
        assertThat(jwts.recognises(token)).isTrue();
        assertThat(ask(token)).contains("pod");
        assertThat(ask(token.substring(0, token.length() - 8) + "AAAAAAAA")).isEmpty();
    }

    @Test
    @DisplayName(
            "A token with the wrong audience or issuer, without expiry or subject, is refused without fetching keys")
    void claimsDecideFirst() {
        for (Consumer<JwtClaims> change : List.<Consumer<JwtClaims>>of(
                claims -> claims.setAudience("another"),
                claims -> claims.unsetClaim("aud"),
                claims -> claims.setIssuer("https://another.example.org"),
                claims -> claims.setIssuer(SigningKey.ISSUER + "/"),
                claims -> claims.unsetClaim("iss"),
                claims -> claims.unsetClaim("exp"),
                claims -> claims.setClaim("exp", "soon"),
                claims -> claims.setClaim("exp", Long.MAX_VALUE),
                claims -> claims.unsetClaim("sub"),
                claims -> claims.setClaim("sub", 7),
                claims -> claims.setClaim("sub", List.of("pod")),
                claims -> claims.setSubject(""),
                claims -> claims.setSubject("a\0b"),
                claims -> claims.setSubject("x".repeat(IdentityService.MAX_NAME_BYTES + 1)))) {
            JwtClaims claims = claims();
            change.accept(claims);
            assertThat(ask(FIRST.sign(claims))).as(claims.toString()).isEmpty();
        }
        assertThat(fetches).isZero();
        assertThat(ask(FIRST.sign(claims()))).isPresent();
        assertThat(fetches).isOne();
    }

    @Test
    @DisplayName("exp, nbf and iat are checked with a tolerance of 30 s and no more")
    void clockSkew() {
        assertThat(ask(at("exp", -29))).isPresent();
        assertThat(ask(at("exp", -30))).isEmpty();
        assertThat(ask(at("nbf", 30))).isPresent();
        assertThat(ask(at("nbf", 31))).isEmpty();
        assertThat(ask(at("iat", 30))).isPresent();
        assertThat(ask(at("iat", 31))).isEmpty();
        assertThat(ask(at("iat", -1_000_000_000))).isPresent();
    }

    @Test
    @DisplayName("A cached token expires on time")
    void rememberedTokenEnds() {
        String token = at("exp", 10);
        assertThat(ask(token)).isPresent();
        pass(Duration.ofSeconds(39));
        assertThat(ask(token)).isPresent();
        pass(Duration.ofSeconds(1));
        assertThat(ask(token)).isEmpty();
    }

    @Test
    @DisplayName("An unsigned token, or one signed with a public value, is refused whatever its header says")
    void notSigned() {
        assertThat(ask(FIRST.sign(claims()))).isPresent();
        assertThat(ask(FIRST.unsigned(claims()))).isEmpty();
        for (String forged : FIRST.signedWithPublicKey(claims())) {
            assertThat(ask(forged)).isEmpty();
        }
        String[] parts = FIRST.sign(claims()).split("\\.", -1);
        assertThat(ask(parts[0] + "." + parts[1] + ".")).isEmpty();
        String other = FIRST.sign(SigningKey.claims("admin", START)).split("\\.", -1)[1];
        assertThat(ask(parts[0] + "." + other + "." + parts[2])).isEmpty();
        // Another's key under a known id, and a key that the token brings along.
        SigningKey impostor = SigningKey.make("first", "RS256");
        assertThat(ask(impostor.sign(claims()))).isEmpty();
        assertThat(ask(impostor.sign(claims(), jws -> {
                    jws.setHeader("kid", "mine");
                    jws.setHeader("jku", "https://evil.example.org/keys");
                })))
                .isEmpty();
        assertThat(ask(FIRST.sign(claims(), jws -> jws.setHeader("crit", List.of("unheard-of")))))
                .isEmpty();
        assertThat(ask(FIRST.sign(claims(), jws -> jws.setAlgorithmHeaderValue("RS256"))))
                .isPresent();
    }

    @Test
    @DisplayName("Headers of a wrong type are refused before any signature is verified, without an error")
    void headersOfTheWrongKind() {
        for (String name : List.of("kid", "x5t", "x5t#S256", "typ", "cty", "jku")) {
            for (Object value : List.of(123, true, List.of("k1"), Map.of("a", 1))) {
                String token = FIRST.sign(claims(), jws -> jws.setHeader(name, value));
                assertThatCode(() -> ask(token)).as(name + " " + value).doesNotThrowAnyException();
                if (name.equals("kid")) {
                    assertThat(ask(token)).isEmpty();
                }
            }
        }
    }

    @Test
    @DisplayName("A key set that contains a shared secret verifies nothing")
    void sharedSecretsVerifyNothing() {
        shown = JsonText.object("keys", List.of(JsonText.nested("kty", "oct", "kid", "first", "k", "A".repeat(43))));
        assertThat(ask(FIRST.sign(claims(), jws -> {
                    jws.setAlgorithmHeaderValue("HS256");
                    jws.setKey(new org.jose4j.keys.HmacKey(new byte[32]));
                })))
                .isEmpty();
    }

    @Test
    @DisplayName("A token without a key id is valid if exactly one key could have signed it")
    void withoutKeyId() {
        String token = FIRST.sign(claims(), jws -> jws.setHeader("kid", null));
        shown = SigningKey.jwks(FIRST, SECOND);
        assertThat(ask(token)).isPresent();
        shown = SigningKey.jwks(FIRST, SigningKey.make("third", "RS256"));
        pass(REFRESH);
        ask(token);
        assertThat(ask(token)).isEmpty();
    }

    @Test
    @DisplayName("A new key is fetched at once unless the issuer was asked just before, else after the pause")
    void rotation() {
        assertThat(ask(FIRST.sign(claims()))).isPresent();
        shown = SigningKey.jwks(FIRST, SECOND);
        String token = SECOND.sign(claims());
        assertThat(ask(token)).isEmpty();
        pass(PAUSE);
        assertThat(ask(token)).isPresent();
        assertThat(ask(FIRST.sign(claims()))).isPresent();
        assertThat(fetches).isEqualTo(2);
    }

    @Test
    @DisplayName("Unknown key ids cause at most one fetch for each pause, however many there are")
    void inventedKeysDoNotFlood() {
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 100; i++) {
                int id = i;
                assertThat(ask(FIRST.sign(claims(), jws -> jws.setKeyIdHeaderValue("invented-" + id))))
                        .isEmpty();
            }
            assertThat(fetches).isEqualTo(round + 1);
            pass(PAUSE);
        }
    }

    @Test
    @DisplayName("A removed key stops with the next fetch, also for a token that was valid before")
    void removedKeyEnds() {
        String old = FIRST.sign(claims());
        assertThat(ask(old)).isPresent();
        shown = SigningKey.jwks(SECOND);
        pass(REFRESH.minusSeconds(1));
        assertThat(ask(old)).isPresent();
        pass(Duration.ofSeconds(1));
        // This use has them fetched, and does not wait.
        ask(old);
        assertThat(ask(old)).isEmpty();
        assertThat(ask(SECOND.sign(claims()))).isPresent();
    }

    @Test
    @DisplayName("Tokens with a known key work while the issuer is down, however long")
    void downWithKnownKey() {
        String token = FIRST.sign(claims());
        assertThat(ask(token)).isPresent();
        down = true;
        pass(REFRESH.multipliedBy(10));
        assertThat(ask(token)).isPresent();
        JwtClaims claims = claims();
        claims.setJwtId("another");
        assertThat(ask(FIRST.sign(claims))).isPresent();
    }

    @Test
    @DisplayName("An unknown key cannot be judged while the issuer is down, which is then asked once a second")
    void downWithUnknownKey() {
        down = true;
        for (int i = 0; i < 100; i++) {
            assertThatExceptionOfType(IdentityUnavailableException.class).isThrownBy(() -> ask(FIRST.sign(claims())));
        }
        assertThat(fetches).isOne();
        // What could never be good is not good now either.
        assertThat(ask(FIRST.unsigned(claims()))).isEmpty();
        down = false;
        pass(Duration.ofSeconds(1));
        assertThat(ask(FIRST.sign(claims()))).isPresent();
        down = true;
        pass(PAUSE);
        assertThatExceptionOfType(IdentityUnavailableException.class).isThrownBy(() -> ask(SECOND.sign(claims())));
        assertThat(ask(FIRST.sign(claims()))).isPresent();
    }

    @Test
    @DisplayName("An answer that is no key set changes nothing: the old keys stay")
    void nonsenseIsNoAnswer() {
        assertThat(ask(FIRST.sign(claims()))).isPresent();
        for (String nonsense : List.of("", "{}", "[]", JsonText.object("keys", 7), "<html>")) {
            shown = nonsense;
            pass(PAUSE);
            assertThatExceptionOfType(IdentityUnavailableException.class)
                    .as(nonsense)
                    .isThrownBy(() -> ask(SECOND.sign(claims())));
        }
        assertThat(ask(FIRST.sign(claims()))).isPresent();
    }

    @Test
    @DisplayName("Callers who wait for an unknown key share one fetch")
    void oneFetchForAll() {
        List<UniEmitter<? super String>> asked = new ArrayList<>();
        Jwts slow = jwts(new IssuerKeys(
                () -> Uni.createFrom().emitter(asked::add),
                new Unobserved(),
                PAUSE,
                REFRESH,
                Duration.ofMinutes(5),
                () -> nanos));
        List<Optional<JwtSubject>> answers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            slow.subject(FIRST.sign(claims()), () -> "10.0.0.1").subscribe().with(answers::add);
        }
        assertThat(asked).hasSize(1);
        assertThat(answers).isEmpty();
        asked.getFirst().complete(shown);
        assertThat(answers).hasSize(10).allMatch(Optional::isPresent);
    }

    @Test
    @DisplayName("A bad token is cached briefly, until the keys change, and counts once against its network")
    void badIsRemembered() {
        assertThat(ask(FIRST.sign(claims()))).isPresent();
        Jwts strict = jwts(keys, 2);
        String bad = SigningKey.make("first", "RS256").sign(claims());
        for (int i = 0; i < 100; i++) {
            assertThat(strict.subject(bad, () -> "10.0.0.1").await().indefinitely())
                    .isEmpty();
        }
        assertThat(strict.subject(FIRST.sign(claims()), () -> "10.0.0.1")
                        .await()
                        .indefinitely())
                .isPresent();
        // Too early now, and good as soon as it is not remembered.
        String early = at("nbf", 31);
        assertThat(ask(early)).isEmpty();
        pass(BAD_FOR);
        assertThat(ask(early)).isPresent();
    }

    @Test
    @DisplayName("A flood of different bad tokens is refused unseen for its network alone; cached good ones work")
    void floodOfBadOnesIsRefused() {
        jwts = jwts(keys, 20);
        String good = FIRST.sign(claims());
        assertThat(ask(good)).isPresent();
        for (int i = 0; i < 20; i++) {
            assertThat(ask(at("exp", -1_000 - i))).isEmpty();
        }
        assertThatExceptionOfType(TooManyUnknownException.class).isThrownBy(() -> ask(at("exp", -700)));
        assertThat(ask(good)).isPresent();
        JwtClaims claims = claims();
        claims.setJwtId("from elsewhere");
        String another = FIRST.sign(claims);
        assertThat(jwts.subject(another, () -> "10.0.0.2").await().indefinitely())
                .isPresent();
        pass(Duration.ofSeconds(1));
        assertThat(ask(at("exp", -700))).isEmpty();
    }

    @Test
    @DisplayName("Texts of any shape are refused without an error")
    void anyShape() {
        String token = FIRST.sign(claims());
        String[] parts = token.split("\\.", -1);
        assertThat(ask(token)).isPresent();
        for (String text : List.of("", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e", "é.b.c", "a b.c.d", "x".repeat(43))) {
            assertThat(jwts.recognises(text)).as(text).isFalse();
        }
        assertThat(jwts.recognises("a.b." + "c".repeat(Jwts.MAX_TEXT))).isFalse();
        String deep = java.util.Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(("{\"a\":" + "[".repeat(4_000)).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        for (String text : List.of(
                "a.b.c",
                deep + "." + parts[1] + "." + parts[2],
                parts[0] + "." + deep + "." + parts[2],
                "." + parts[1] + "." + parts[2],
                parts[1] + "." + parts[0] + "." + parts[2])) {
            if (jwts.recognises(text)) {
                assertThat(ask(text)).as(text).isEmpty();
            }
        }
        for (int i = 0; i < token.length(); i++) {
            char other = token.charAt(i) == 'A' ? 'B' : 'A';
            String changed = token.substring(0, i) + other + token.substring(i + 1);
            if (jwts.recognises(changed) && i < token.length() - 1) {
                assertThat(ask(changed)).as(changed).isEmpty();
            }
        }
    }

    private static final class Unobserved implements IssuerKeys.Observer {
        @Override
        public void keysFetched() {}

        @Override
        public void keysNotFetched() {}
    }

    private static JwtClaims claims() {
        return SigningKey.claims("pod", START);
    }

    /** Signed with {@code claim} so many seconds from now. */
    private static String at(String claim, long seconds) {
        JwtClaims claims = claims();
        claims.setClaim(claim, START + seconds);
        return FIRST.sign(claims);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    private Optional<String> ask(String token) {
        return jwts.subject(token, () -> "10.0.0.1")
                .await()
                .atMost(Duration.ofSeconds(10))
                .map(JwtSubject::username);
    }
}
