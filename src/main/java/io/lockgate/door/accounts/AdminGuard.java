package io.lockgate.door.accounts;

import io.lockgate.door.admin.AdminDoor;
import io.lockgate.identity.Carried;
import io.lockgate.identity.Carriers;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Optional;

/**
 * Who gets into the admin door: whoever carries the cookie {@code refreshToken}, or else a bearer token. A good token whose user
 * was deleted gets the seed's 404.
 */
@Singleton
final class AdminGuard extends ShapedGuard {
    AdminGuard() {
        super(Shape.ADMIN, 404);
    }

    @Override
    public boolean owns(String path) {
        return AdminDoor.isOurs(path);
    }

    @Override
    public boolean isOpen(String method, String path) {
        return is(path, "/auth/login");
    }

    @Override
    public Optional<Carried> carried(RoutingContext exchange, String method, String path) {
        return Carriers.admin(exchange.request().headers());
    }
}
