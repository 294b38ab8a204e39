package io.lockgate.testing;

import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jose4j.base64url.Base64Url;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;

/** A key of a self-made issuer, and the tokens it signs. */
public final class SigningKey {
    public static final String ISSUER = "https://issuer.example.org";
    public static final String AUDIENCE = "lockgate";

    private final PublicJsonWebKey key;
    private final String algorithm;

    private SigningKey(PublicJsonWebKey key, String algorithm) {
        this.key = key;
        this.algorithm = algorithm;
    }

    /** A new key for {@code algorithm}, as JWS names it. */
    public static SigningKey make(String id, String algorithm) {
        try {
            PublicJsonWebKey key =
                    switch (algorithm) {
                        case "ES256" -> EcJwkGenerator.generateJwk(EllipticCurves.P256);
                        case "ES384" -> EcJwkGenerator.generateJwk(EllipticCurves.P384);
                        case "EdDSA" -> OkpJwkGenerator.generateJwk("Ed25519");
                        default -> RsaJwkGenerator.generateJwk(2048);
                    };
            key.setKeyId(id);
            key.setUse("sig");
            return new SigningKey(key, algorithm);
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the issuer shows: the public halves. */
    public static String jwks(SigningKey... keys) {
        JsonWebKeySet set = new JsonWebKeySet();
        for (SigningKey each : keys) {
            set.addJsonWebKey(each.key);
        }
        return set.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    }

    /** Claims that are good since a while ago and for an hour from {@code now} (seconds). */
    public static JwtClaims claims(String subject, long now) {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(ISSUER);
        claims.setAudience(AUDIENCE);
        claims.setSubject(subject);
        claims.setIssuedAt(NumericDate.fromSeconds(now - 100));
        claims.setNotBefore(NumericDate.fromSeconds(now - 100));
        claims.setExpirationTime(NumericDate.fromSeconds(now + 3600));
        return claims;
    }

    /** A good token about {@code subject}. */
    public String token(String subject) {
        return token(subject, claims -> {});
    }

    /** The same, changed. */
    public String token(String subject, Consumer<JwtClaims> change) {
        JwtClaims claims = claims(subject, System.currentTimeMillis() / 1000);
        change.accept(claims);
        return sign(claims);
    }

    public String sign(JwtClaims claims) {
        return sign(claims, jws -> {});
    }

    /** Signs; {@code change} may spoil the header before. */
    public String sign(JwtClaims claims, Consumer<JsonWebSignature> change) {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        jws.setAlgorithmHeaderValue(algorithm);
        jws.setKeyIdHeaderValue(key.getKeyId());
        jws.setPayload(claims.toJson());
        jws.setKey(key.getPrivateKey());
        change.accept(jws);
        try {
            return jws.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Not signed at all, and saying so. */
    public String unsigned(JwtClaims claims) {
        return Base64Url.encodeUtf8ByteRepresentation(JsonText.object("alg", "none", "kid", key.getKeyId())) + "."
                + Base64Url.encodeUtf8ByteRepresentation(claims.toJson()) + ".";
    }

    /** The old trick: signed with the public key as if it were a shared secret, in each form in which that is known. */
    public List<String> signedWithPublicKey(JwtClaims claims) {
        byte[] der = key.getPublicKey().getEncoded();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END PUBLIC KEY-----\n";
        Map<String, Object> jwk = new HashMap<>(key.toParams(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
        return List.of(
                        der,
                        pem.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        jwk.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .stream()
                .map(secret -> sign(claims, jws -> {
                    jws.setAlgorithmHeaderValue("HS256");
                    jws.setKey(new HmacKey(secret));
                }))
                .toList();
    }
}
