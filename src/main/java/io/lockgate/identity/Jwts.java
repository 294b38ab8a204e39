package io.lockgate.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.lockgate.identity.IssuerKeys.Keys;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.VerificationJwkSelector;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * Bearer tokens signed by one issuer (JWT, RFC 7519), such as the service-account tokens of a Kubernetes cluster: says
 * whom they are about. Whether there is such a user, and what they may do, only the store knows.
 *
 * <p>Nothing of a token is logged. A signature found good is remembered, so that a token in use is checked once; its
 * end and the issuer's keys are looked at in every use. A bad token is remembered for a moment, and the bad ones of a
 * network in a second are bounded: checking one is pure computing on an event loop.
 *
 * <p>A token's end is the issuer's time, so the clock here is this machine's, with a skew: the one place where it
 * counts.
 */
public final class Jwts {
    /** Longer texts are no tokens. */
    static final int MAX_TEXT = 16 << 10;

    /** The signature may be empty, so that such a token is told from no token at all. */
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");

    /** Neither {@code none} nor a secret that two know. */
    private static final AlgorithmConstraints SIGNED = new AlgorithmConstraints(
            ConstraintType.PERMIT,
            AlgorithmIdentifiers.RSA_USING_SHA256,
            AlgorithmIdentifiers.RSA_USING_SHA384,
            AlgorithmIdentifiers.RSA_USING_SHA512,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA256,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA384,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA512,
            AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
            AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384,
            AlgorithmIdentifiers.EDDSA);

    /**
     * A token whose claims are good, as long as its signature is.
     *
     * @param end second at which it is over, skew included
     */
    private record Claimed(JsonWebSignature signature, JwtSubject subject, long end) {}

    /** A good token. */
    private record Good(JwtSubject subject, long end, int generation) {}

    /** A bad one, as long as the issuer shows the same keys. */
    private record Bad(int generation) {}

    private final JwtRules rules;
    private final IssuerKeys keys;
    private final InstantSource clock;
    private final Cache<TokenHash, Good> good;
    private final Cache<TokenHash, Bad> bad;
    private final AttemptCounter checks;
    private final int badPerSecond;

    /**
     * @param entries tokens remembered, good ones and bad ones each, those used least go first; each takes about 200
     *     bytes
     * @param badFor how long a bad one counts as bad without another look
     */
    public Jwts(JwtRules rules, IssuerKeys keys, int entries, Duration badFor) {
        this(
                rules,
                keys,
                entries,
                badFor,
                UnknownCredentialLimits.BAD_SIGNED_PER_SECOND,
                InstantSource.system(),
                Ticker.systemTicker());
    }

    Jwts(
            JwtRules rules,
            IssuerKeys keys,
            int entries,
            Duration badFor,
            int badPerSecond,
            InstantSource clock,
            Ticker ticker) {
        this.rules = rules;
        this.keys = keys;
        this.clock = clock;
        this.badPerSecond = badPerSecond;
        this.checks = new AttemptCounter(Duration.ofSeconds(1), ticker);
        this.bad = Caffeine.newBuilder()
                .maximumSize(entries)
                .expireAfterWrite(badFor)
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
        this.good = Caffeine.newBuilder()
                .maximumSize(entries)
                .executor(Runnable::run)
                .build();
    }

    /** Whether {@code text} could be such a token. None of our own could: they have no dots. */
    boolean recognises(String text) {
        return text.length() <= MAX_TEXT && FORM.matcher(text).matches();
    }

    /**
     * Whom that token is about; empty when it is not good. Fails with {@link IdentityUnavailableException} when its key
     * is not known and the issuer does not answer, and with {@link TooManyUnknownException} when its network has shown
     * too many bad ones.
     *
     * @param network where it was shown; asked for only when it is not remembered
     */
    Uni<Optional<JwtSubject>> subject(String token, Supplier<String> network) {
        TokenHash hash = TokenHash.of(token);
        Keys known = keys.known();
        @Nullable Good before = good.getIfPresent(hash);
        if (before != null && before.generation() == known.generation()) {
            return Uni.createFrom()
                    .item(now() < before.end() ? Optional.of(before.subject()) : Optional.<JwtSubject>empty());
        }
        @Nullable Bad seen = bad.getIfPresent(hash);
        if (seen != null && seen.generation() == known.generation()) {
            return Uni.createFrom().item(Optional.empty());
        }
        String from = network.get();
        if (checks.take(from, badPerSecond).isPresent()) {
            return Uni.createFrom().failure(new TooManyUnknownException());
        }
        return check(token, hash, known)
                .invoke(subject -> {
                    if (subject.isPresent()) {
                        checks.give(from);
                    }
                })
                .onFailure()
                .invoke(undecided -> checks.give(from));
    }

    private Uni<Optional<JwtSubject>> check(String token, TokenHash hash, Keys known) {
        // The claims first: a token that is not even meant for us does not have keys fetched.
        Optional<Claimed> claimed = claimed(token);
        if (claimed.isEmpty()) {
            bad.put(hash, new Bad(known.generation()));
            return Uni.createFrom().item(Optional.empty());
        }
        Optional<JsonWebKey> key = key(claimed.get(), known);
        return key.isPresent()
                ? Uni.createFrom().item(checked(hash, claimed.get(), key.get(), known))
                : keys.renewed()
                        .map(renewed -> key(claimed.get(), renewed)
                                .flatMap(found -> checked(hash, claimed.get(), found, renewed)));
    }

    private Optional<Claimed> claimed(String token) {
        try {
            JwtContext context = consumer().process(token);
            List<JsonWebStructure> layers = context.getJoseObjects();
            JwtClaims claims = context.getJwtClaims();
            @Nullable String name = claims.getStringClaimValue(rules.userClaim());
            if (layers.size() != 1
                    || !(layers.getFirst() instanceof JsonWebSignature signature)
                    || name == null
                    || !IdentityService.isName(name)) {
                return Optional.empty();
            }
            SIGNED.checkConstraint(signature.getAlgorithmHeaderValue());
            signature.setAlgorithmConstraints(SIGNED);
            long end = Math.addExact(
                    claims.getExpirationTime().getValue(), rules.skew().toSeconds());
            return Optional.of(new Claimed(signature, new JwtSubject(name), end));
        } catch (InvalidJwtException
                | MalformedClaimException
                | JoseException
                | ArithmeticException
                | ClassCastException e) {
            return Optional.empty();
        }
    }

    /** Whose key signed it, by its id; without an id only a key that nothing could be mistaken for. */
    private static Optional<JsonWebKey> key(Claimed claimed, Keys among) {
        try {
            List<JsonWebKey> fitting = new VerificationJwkSelector().selectList(claimed.signature(), among.all());
            return fitting.size() == 1 ? Optional.of(fitting.getFirst()) : Optional.empty();
        } catch (JoseException | ClassCastException e) {
            // The library takes kid, x5t and x5t#S256 for strings, whatever was sent.
            return Optional.empty();
        }
    }

    private Optional<JwtSubject> checked(TokenHash hash, Claimed claimed, JsonWebKey key, Keys from) {
        try {
            claimed.signature().setKey(key.getKey());
            if (!claimed.signature().verifySignature()) {
                bad.put(hash, new Bad(from.generation()));
                return Optional.empty();
            }
        } catch (JoseException | ClassCastException e) {
            bad.put(hash, new Bad(from.generation()));
            return Optional.empty();
        }
        good.put(hash, new Good(claimed.subject(), claimed.end(), from.generation()));
        return Optional.of(claimed.subject());
    }

    /** Of the claims alone; the signature comes after. */
    private JwtConsumer consumer() {
        return new JwtConsumerBuilder()
                .setSkipSignatureVerification()
                .setExpectedIssuer(rules.issuer())
                .setExpectedAudience(rules.audiences().toArray(String[]::new))
                .setRequireExpirationTime()
                // Not from the future; how old does not matter.
                .setIssuedAtRestrictions(0, Integer.MAX_VALUE)
                .setAllowedClockSkewInSeconds((int) rules.skew().toSeconds())
                .setEvaluationTime(NumericDate.fromSeconds(now()))
                .build();
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }
}
