package io.lockgate.api.accounts;

import io.lockgate.api.admin.AdminDialect;
import io.lockgate.http.CredentialExtractor;
import io.lockgate.identity.Credential;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Optional;

/**
 * Who gets into the admin door: whoever carries the cookie {@code refreshToken}, or else a bearer token. A good token whose user
 * was deleted gets the seed's 404.
 */
@Singleton
final class AdminAuthentication extends ReplyAuthentication {
    AdminAuthentication() {
        super(ReplyFormat.ADMIN, 404);
    }

    @Override
    public boolean owns(String path) {
        return AdminDialect.isOurs(path);
    }

    @Override
    public boolean isOpen(String method, String path) {
        return is(path, "/auth/login");
    }

    @Override
    public Optional<Credential> carried(RoutingContext exchange, String method, String path) {
        return CredentialExtractor.admin(exchange.request().headers());
    }
}
