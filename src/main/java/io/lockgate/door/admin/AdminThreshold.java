package io.lockgate.door.admin;

import io.lockgate.door.Threshold;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** What this door does before Jakarta REST, and for failures outside of it: see {@link Threshold}. */
@Singleton
final class AdminThreshold extends Threshold {
    AdminThreshold(AdminDoor door, AdminLimits limits) {
        super(door, limits.bodyBytes());
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, PRIORITY);
    }

    void register(@Observes Router router) {
        for (String root : new String[] {"/admin", "/admin/*", "/auth", "/auth/*"}) {
            router.route(root).order(Integer.MIN_VALUE).failureHandler(this::fail);
        }
    }

    @Override
    protected Shaped fault(int status, String description) {
        return status == 400
                ? AdminDoor.shaped(AdminError.BAD_REQUEST, AdminError.BAD_REQUEST.text() + ": " + description)
                : AdminDoor.framework(status, new IllegalStateException(description));
    }

    @Override
    protected Shaped failure(RoutingContext context, Throwable cause) {
        return AdminDoor.shape(context, cause);
    }
}
