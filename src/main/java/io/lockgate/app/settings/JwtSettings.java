package io.lockgate.app.settings;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Bearer tokens of somebody else's issuer, such as the service-account tokens of a Kubernetes cluster. Without an
 * issuer none are taken.
 */
@ConfigMapping(prefix = "lockgate.jwt")
@RegisterForReflection
public interface JwtSettings {
    /**
     * What {@code iss} of a token must say, exactly; needs {@code lockgate.jwt.audience}. Without
     * {@code lockgate.jwt.jwks-url} it is an https URL, where the issuer describes itself.
     */
    Optional<String> issuer();

    /**
     * One of them must be in {@code aud} of a token. Needed with an issuer: a token made for others must not be good
     * here.
     */
    Optional<List<String>> audience();

    /**
     * Where the issuer's public keys are (JWKS), https. Default: where
     * {@code <issuer>/.well-known/openid-configuration} says.
     */
    Optional<String> jwksUrl();

    /**
     * PEM file of the authority that vouches for the server of the keys. Default: those that Java knows. In a cluster
     * {@code /var/run/secrets/kubernetes.io/serviceaccount/ca.crt}.
     */
    Optional<String> caCertificate();

    /**
     * File of the bearer token shown to that server; read at each fetch. In a cluster
     * {@code /var/run/secrets/kubernetes.io/serviceaccount/token}.
     */
    Optional<String> bearerTokenFile();

    /** The claim that names the user. */
    @WithDefault("sub")
    String userClaim();

    /** By how much the issuer's clock and this machine's may differ, in whole seconds. */
    @WithDefault("30s")
    @WithinTime(min = "0s", max = "5m")
    Duration clockSkew();

    /** Time between two fetches of the keys for tokens whose key is not known; until then such tokens are 401. */
    @WithDefault("10s")
    @WithinTime(min = "1s", max = "1h")
    Duration fetchPause();

    /** Age at which the keys are fetched again: a key that the issuer has withdrawn works on for this time. */
    @WithDefault("5m")
    @WithinTime(min = "1s", max = "1d")
    Duration refresh();

    /** Time of one fetch. A token whose key is not known waits for it; then it is 503. */
    @WithDefault("1500ms")
    @WithinTime(min = "100ms", max = "1900ms")
    Duration timeout();
}
