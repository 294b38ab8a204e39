package io.lockgate.app.wiring;

import io.lockgate.api.admin.AdminLimits;
import io.lockgate.app.settings.AdminSettings;
import io.lockgate.app.settings.SettingBounds;
import io.lockgate.http.CrossSiteRule;
import io.lockgate.identity.AuditTrail;
import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresLimits;
import io.lockgate.postgres.PostgresRouteLockTable;
import io.lockgate.route.RouteLockTable;
import io.lockgate.route.RouteLocks;
import io.quarkus.runtime.Startup;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/** Wires the route locks to Postgres and to the admin door, and checks their settings. */
@Singleton
final class RouteWiring {
    private static final int MAX_ORIGINS = 64;

    @Produces
    @Singleton
    RouteLockTable routeLockTable(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads) {
        return new PostgresRouteLockTable(vertx, limits, bulkheads);
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
        int pageMax = SettingBounds.within("lockgate.admin.page-max", settings.pageMax(), 1, 10_000);
        return new AdminLimits(
                SettingBounds.within("lockgate.admin.body-limit", settings.bodyLimit(), 1_024, 65_536),
                SettingBounds.within("lockgate.admin.page-default", settings.pageDefault(), 1, pageMax),
                pageMax);
    }

    /** For logins of all APIs too: one rule, one list. */
    @Produces
    @Singleton
    @Startup
    CrossSiteRule crossSiteRule(AdminSettings settings) {
        List<String> given = settings.origins().orElse(List.of());
        SettingBounds.within("number of lockgate.admin.origins", given.size(), 0, MAX_ORIGINS);
        List<String> origins = new ArrayList<>();
        for (String text : given) {
            CrossSiteRule.origin(text)
                    .ifPresentOrElse(
                            origins::add,
                            () -> SettingBounds.fault("lockgate.admin.origins: '" + text
                                    + "' is no origin (wanted: https://host or https://host:port, without a path)"));
        }
        return new CrossSiteRule(origins);
    }
}
