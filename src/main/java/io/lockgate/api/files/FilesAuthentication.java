package io.lockgate.api.files;

import io.lockgate.http.AuthenticationFailure;
import io.lockgate.http.AuthenticationPolicy;
import io.lockgate.http.CredentialExtractor;
import io.lockgate.identity.Credential;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;

/** Who gets into the files door: whoever carries a bearer token. Login and version are open. */
@Singleton
final class FilesAuthentication implements AuthenticationPolicy {
    @Override
    public boolean owns(String path) {
        return path.equals("/v1") || path.equals("/api/v1") || FilesDialectFilter.isOurs(path);
    }

    @Override
    public boolean isOpen(String method, String path) {
        String plain = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return plain.equals("/v1/session/login") || plain.equals("/v1/version");
    }

    @Override
    public Optional<Credential> carried(RoutingContext exchange, String method, String path) {
        return CredentialExtractor.files(exchange.request().headers());
    }

    @Override
    public void refuse(RoutingContext exchange, AuthenticationFailure why) {
        FilesProblem failure =
                switch (why) {
                    case NOT_AUTHENTICATED, USER_GONE -> notAuthenticated();
                    case UNAVAILABLE -> unavailable();
                    case TOO_MANY ->
                        FilesProblem.of(
                                        FilesError.TOO_MANY_LOGINS,
                                        "too many credentials that are not known come from this network; nothing was changed")
                                .withOutcome(true)
                                .retryAfter(Duration.ofSeconds(1));
                };
        if (failure.status() == 401) {
            exchange.response().putHeader("WWW-Authenticate", "Bearer");
        }
        FilesDialectFilter.send(exchange, failure);
    }

    static FilesProblem notAuthenticated() {
        return FilesProblem.of(FilesError.NOT_AUTHENTICATED, "the credential is missing or not valid: need to log in");
    }

    static FilesProblem unavailable() {
        return FilesProblem.of(
                        FilesError.IDENTITY_UNAVAILABLE, "the store of identities does not answer; nothing was changed")
                .withOutcome(true)
                .retryAfter(Duration.ofSeconds(1));
    }
}
