package io.lockgate.jwks;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Where the issuer shows its keys, and how it is asked.
 *
 * @param issuer as its tokens name it
 * @param jwks where the key set is; empty: where the issuer's discovery document says
 * @param caCertificate PEM file of who vouches for that server; empty: those that Java knows
 * @param bearerToken file of the credential shown to that server, read again each time
 */
public record IssuerAddress(
        String issuer, Optional<URI> jwks, Optional<Path> caCertificate, Optional<Path> bearerToken) {

    /** Where the issuer describes itself (OpenID Connect Discovery 1.0, section 4). */
    URI discovery() {
        String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        return URI.create(base + "/.well-known/openid-configuration");
    }

    /** Whether keys from there can be trusted: TLS, or this machine. */
    public static boolean isTrustworthy(URI where) {
        String scheme = where.getScheme() == null ? "" : where.getScheme().toLowerCase(Locale.ROOT);
        String host = where.getHost() == null ? "" : where.getHost().toLowerCase(Locale.ROOT);
        boolean here = host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
        return !host.isEmpty() && (scheme.equals("https") || (scheme.equals("http") && here));
    }
}
