package io.lockgate.boot;

import io.lockgate.door.admin.AdminCallers;
import io.lockgate.door.admin.AdminLimits;
import io.lockgate.postgres.PostgresLimits;
import io.lockgate.postgres.PostgresRouteAudit;
import io.lockgate.postgres.PostgresRouteLockTable;
import io.lockgate.route.AuditTrail;
import io.lockgate.route.RouteLockTable;
import io.lockgate.route.RouteLocks;
import io.quarkus.arc.DefaultBean;
import io.quarkus.runtime.Startup;
import io.quarkus.security.AuthenticationFailedException;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Wires the route locks to Postgres and to the admin door, and checks their settings. */
@Singleton
final class RouteRoom {
    @Produces
    @Singleton
    RouteLockTable routeLockTable(Vertx vertx, PostgresLimits limits) {
        return new PostgresRouteLockTable(vertx, limits);
    }

    @Produces
    @Singleton
    AuditTrail routeAudit(Vertx vertx, PostgresLimits limits) {
        return new PostgresRouteAudit(vertx, limits);
    }

    @Produces
    @Singleton
    RouteLocks routeLocks(RouteLockTable table, AuditTrail audit) {
        return new RouteLocks(table, audit);
    }

    @Produces
    @Singleton
    @Startup
    AdminLimits adminLimits(AdminSettings settings) {
        int pageMax = Bounds.within("lockgate.admin.page-max", settings.pageMax(), 1, 10_000);
        return new AdminLimits(
                Bounds.within("lockgate.admin.body-limit", settings.bodyLimit(), 1_024, 65_536),
                Bounds.within("lockgate.admin.page-default", settings.pageDefault(), 1, pageMax),
                pageMax);
    }

    /** Until credentials are checked nobody is let in. */
    @Produces
    @Singleton
    @DefaultBean
    AdminCallers nobody() {
        return () -> {
            throw new AuthenticationFailedException();
        };
    }
}
