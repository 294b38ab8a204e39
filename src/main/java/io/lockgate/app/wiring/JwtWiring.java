package io.lockgate.app.wiring;

import io.lockgate.app.settings.JwtSettings;
import io.lockgate.identity.IssuerKeys;
import io.lockgate.identity.JwtRules;
import io.lockgate.identity.Jwts;
import io.lockgate.jwks.HttpKeySource;
import io.lockgate.jwks.IssuerAddress;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads {@link JwtSettings}: whose signed tokens are taken, if anybody's. */
final class JwtWiring {
    private JwtWiring() {}

    /** Empty when no issuer is set. */
    static Optional<Jwts> of(
            JwtSettings settings, IssuerKeys.Observer observer, int entries, Duration badFor, Vertx vertx) {
        if (settings.issuer().isEmpty()) {
            requireNoIssuerNeeded(settings);
            return Optional.empty();
        }
        Duration timeout = settings.timeout();
        IssuerKeys keys = new IssuerKeys(
                new HttpKeySource(vertx, address(settings), timeout),
                observer,
                settings.fetchPause(),
                settings.refresh(),
                timeout);
        return Optional.of(new Jwts(rules(settings), keys, entries, badFor));
    }

    /** The first fault of the settings, bounds apart. */
    static List<String> faults(JwtSettings settings) {
        try {
            if (settings.issuer().isEmpty()) {
                requireNoIssuerNeeded(settings);
            } else {
                address(settings);
                rules(settings);
            }
            return List.of();
        } catch (ConfigurationException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    private static void requireNoIssuerNeeded(JwtSettings settings) {
        if (settings.audience().isPresent() || settings.jwksUrl().isPresent()) {
            throw wrong("lockgate.jwt.issuer", "is not set, but other settings of lockgate.jwt are");
        }
    }

    static JwtRules rules(JwtSettings settings) {
        List<String> audiences = settings.audience().orElse(List.of());
        if (audiences.isEmpty()) {
            throw wrong("lockgate.jwt.audience", "is not set; with lockgate.jwt.issuer it must be");
        }
        return new JwtRules(settings.issuer().orElseThrow(), audiences, settings.userClaim(), settings.clockSkew());
    }

    static IssuerAddress address(JwtSettings settings) {
        String issuer = settings.issuer().orElseThrow();
        Optional<URI> jwks = settings.jwksUrl().map(url -> trustworthy("lockgate.jwt.jwks-url", url));
        if (jwks.isEmpty()) {
            trustworthy("lockgate.jwt.issuer", issuer);
        }
        Optional<Path> ca = settings.caCertificate().map(Path::of);
        ca.ifPresent(JwtWiring::checkCertificate);
        Optional<Path> token = settings.bearerTokenFile().map(Path::of);
        token.filter(file -> !Files.isReadable(file)).ifPresent(file -> {
            throw wrong("lockgate.jwt.bearer-token-file", "cannot be read: " + file);
        });
        return new IssuerAddress(issuer, jwks, ca, token);
    }

    /** Keys that came over an open network could be anybody's. */
    private static URI trustworthy(String name, String url) {
        try {
            URI where = URI.create(url);
            if (IssuerAddress.isTrustworthy(where)) {
                return where;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw wrong(
                name,
                "is '" + url + "', but must be an https URL (http only to this machine), for the keys come from there");
    }

    private static void checkCertificate(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
                throw wrong("lockgate.jwt.ca-certificate", "has no certificate: " + file);
            }
        } catch (IOException | CertificateException e) {
            throw wrong("lockgate.jwt.ca-certificate", "cannot be read as a PEM file: " + file);
        }
    }

    private static ConfigurationException wrong(String name, String what) {
        return new ConfigurationException(name + " " + what);
    }
}
