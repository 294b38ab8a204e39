package io.lockgate.api.accounts;

import io.lockgate.api.courses.CoursesDialect;
import io.lockgate.http.CredentialExtractor;
import io.lockgate.http.Dialect;
import io.lockgate.identity.Credential;
import io.lockgate.identity.TokenKind;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;

/**
 * Who gets into the courses door: whoever carries a {@code SID}. A lock is taken by users, not partners; a session is opened by
 * partners, not users; the catalogue also takes bearer tokens (docs/api-courses.md).
 */
@Singleton
final class CoursesAuthentication extends ReplyAuthentication {
    private static final Set<TokenKind> USERS = Set.of(TokenKind.SID);
    private static final Set<TokenKind> PARTNERS = Set.of(TokenKind.PARTNER);
    private static final Set<TokenKind> BOTH = Set.of(TokenKind.SID, TokenKind.PARTNER);

    CoursesAuthentication() {
        super(ReplyFormat.COURSES, 401);
    }

    @Override
    public boolean owns(String path) {
        return CoursesDialect.isOurs(path);
    }

    @Override
    public boolean isOpen(String method, String path) {
        return false;
    }

    @Override
    public Optional<Credential> carried(RoutingContext exchange, String method, String path) {
        var headers = exchange.request().headers();
        if (Dialect.isUnder(path, "/courses")) {
            return CredentialExtractor.catalogue(headers);
        }
        if (Dialect.isUnder(path, "/sessions")) {
            return CredentialExtractor.courses(headers, PARTNERS);
        }
        return CredentialExtractor.courses(headers, method.equals("POST") ? USERS : BOTH);
    }
}
