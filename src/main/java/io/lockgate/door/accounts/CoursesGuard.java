package io.lockgate.door.accounts;

import io.lockgate.door.Door;
import io.lockgate.door.courses.CoursesDoor;
import io.lockgate.identity.Carried;
import io.lockgate.identity.Carriers;
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
final class CoursesGuard extends ShapedGuard {
    private static final Set<TokenKind> USERS = Set.of(TokenKind.SID);
    private static final Set<TokenKind> PARTNERS = Set.of(TokenKind.PARTNER);
    private static final Set<TokenKind> BOTH = Set.of(TokenKind.SID, TokenKind.PARTNER);

    CoursesGuard() {
        super(Shape.COURSES, 401);
    }

    @Override
    public boolean owns(String path) {
        return CoursesDoor.isOurs(path);
    }

    @Override
    public boolean isOpen(String method, String path) {
        return false;
    }

    @Override
    public Optional<Carried> carried(RoutingContext exchange, String method, String path) {
        var headers = exchange.request().headers();
        if (Door.isUnder(path, "/courses")) {
            return Carriers.catalogue(headers);
        }
        if (Door.isUnder(path, "/sessions")) {
            return Carriers.courses(headers, PARTNERS);
        }
        return Carriers.courses(headers, method.equals("POST") ? USERS : BOTH);
    }
}
