package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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

    /** A good token says whom it is about, whatever it is signed with. */
    @ParameterizedTest
    @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"})
    void good(String algorithm) {
        SigningKey key = SigningKey.make("k", algorithm);
        shown = SigningKey.jwks(FIRST, key);
        String token = key.sign(claims());
        assertThat(jwts.recognises(token)).isTrue();
        assertThat(ask(token)).contains("pod");
        assertThat(ask(token.substring(0, token.length() - 8) + "AAAAAAAA")).isEmpty();
    }

    /** For somebody else, of somebody else, without an end, or about nobody: not good, and no key is fetched for it. */
    @Test
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

    /** The end, the beginning and the making of a token count with 30 s to either side, and no more. */
    @Test
    void clockSkew() {
        assertThat(ask(at("exp", -29))).isPresent();
        assertThat(ask(at("exp", -30))).isEmpty();
        assertThat(ask(at("nbf", 30))).isPresent();
        assertThat(ask(at("nbf", 31))).isEmpty();
        assertThat(ask(at("iat", 30))).isPresent();
        assertThat(ask(at("iat", 31))).isEmpty();
        assertThat(ask(at("iat", -1_000_000_000))).isPresent();
    }

    /** A remembered token ends on time. */
    @Test
    void rememberedTokenEnds() {
        String token = at("exp", 10);
        assertThat(ask(token)).isPresent();
        pass(Duration.ofSeconds(39));
        assertThat(ask(token)).isPresent();
        pass(Duration.ofSeconds(1));
        assertThat(ask(token)).isEmpty();
    }

    /** Unsigned, or signed with what everybody knows, whatever the header says: not good. */
    @Test
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

    /** Headers of the wrong kind are no fault of ours, and come before any signature. */
    @Test
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

    /** A set with a shared secret in it makes nothing good. */
    @Test
    void sharedSecretsVerifyNothing() {
        shown = "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"first\",\"k\":\"" + "A".repeat(43) + "\"}]}";
        assertThat(ask(FIRST.sign(claims(), jws -> {
                    jws.setAlgorithmHeaderValue("HS256");
                    jws.setKey(new org.jose4j.keys.HmacKey(new byte[32]));
                })))
                .isEmpty();
    }

    /** Without a key id a token is good when one key alone could have signed it. */
    @Test
    void withoutKeyId() {
        String token = FIRST.sign(claims(), jws -> jws.setHeader("kid", null));
        shown = SigningKey.jwks(FIRST, SECOND);
        assertThat(ask(token)).isPresent();
        shown = SigningKey.jwks(FIRST, SigningKey.make("third", "RS256"));
        pass(REFRESH);
        ask(token);
        assertThat(ask(token)).isEmpty();
    }

    /** A new key is found at once when the issuer was not asked a moment ago, and else when the pause is over. */
    @Test
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

    /** Invented keys have the issuer asked once in a pause, however many they are. */
    @Test
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

    /** A key that the issuer has taken back ends when the keys are fetched anew, also for a token that was good before. */
    @Test
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

    /** The issuer being down does not hurt tokens whose key is known, remembered or new, however long. */
    @Test
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

    /** Whether an unknown key is the issuer's nobody can say while it is down; then it is asked once a second. */
    @Test
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

    /** An answer that is no set of keys is no answer: the old keys stay. */
    @Test
    void nonsenseIsNoAnswer() {
        assertThat(ask(FIRST.sign(claims()))).isPresent();
        for (String nonsense : List.of("", "{}", "[]", "{\"keys\":7}", "<html>")) {
            shown = nonsense;
            pass(PAUSE);
            assertThatExceptionOfType(IdentityUnavailableException.class)
                    .as(nonsense)
                    .isThrownBy(() -> ask(SECOND.sign(claims())));
        }
        assertThat(ask(FIRST.sign(claims()))).isPresent();
    }

    /** All who wait for an unknown key wait for one fetch. */
    @Test
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

    /** A bad token is remembered for a moment, until the keys change: what counts against its network is counted once. */
    @Test
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

    /** Many different bad ones in a second are refused unseen, for their network alone; remembered good ones are not. */
    @Test
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

    /** Texts of any shape are no tokens, and no fault. */
    @Test
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
