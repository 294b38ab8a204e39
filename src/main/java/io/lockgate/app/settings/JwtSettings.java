package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Bearer tokens of somebody else's issuer, such as the service-account tokens of a Kubernetes cluster. Without an issuer none
 * are taken.
 */
@ConfigMapping(prefix = "lockgate.jwt")
public interface JwtSettings {
    /** What {@code iss} of a token must say, exactly. Without {@link #jwksUrl} an https URL, where the issuer describes itself. */
    Optional<String> issuer();

    /** One of them must be in {@code aud} of a token. Needed with an issuer: a token made for others must not be good here. */
    Optional<List<String>> audience();

    /** Where the issuer's public keys are (JWKS), https; empty: where {@code <issuer>/.well-known/openid-configuration} says. */
    Optional<String> jwksUrl();

    /**
     * PEM file of the authority that vouches for the server of the keys; empty: those that Java knows. In a cluster {@code
     * /var/run/secrets/kubernetes.io/serviceaccount/ca.crt}.
     */
    Optional<String> caCertificate();

    /**
     * File of the bearer token shown to that server; read anew for each fetch. In a cluster {@code
     * /var/run/secrets/kubernetes.io/serviceaccount/token}.
     */
    Optional<String> bearerTokenFile();

    /** The claim that names the user. */
    @WithDefault("sub")
    String userClaim();

    /** By how much the issuer's clock and this machine's may differ, in whole seconds (0 s to 5 min). */
    @WithDefault("30s")
    Duration clockSkew();

    /** Between two fetches of the keys for the sake of tokens whose key is not known (1 s to 1 h); until then they are 401. */
    @WithDefault("10s")
    Duration fetchPause();

    /** Age at which the keys are fetched anew (1 s to 1 day): so long a key works on that the issuer has taken back. */
    @WithDefault("5m")
    Duration refresh();

    /** Time of one fetch (100 ms to 1,900 ms); a token whose key is not known waits for it, and then is 503. */
    @WithDefault("1500ms")
    Duration timeout();
}
