package io.lockgate.app.wiring;

import io.lockgate.app.settings.AdminSettings;
import io.lockgate.event.LockEventLog;
import io.lockgate.event.LockEvents;
import io.lockgate.http.CrossSiteRule;
import io.lockgate.identity.AuditTrail;
import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresLimits;
import io.lockgate.postgres.PostgresLockEventLog;
import io.lockgate.postgres.PostgresLockQueue;
import io.lockgate.postgres.PostgresRouteLockTable;
import io.lockgate.route.RouteLockTable;
import io.lockgate.route.RouteLocks;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** Wires the route locks to Postgres and to the admin API. */
@Singleton
final class RouteWiring {
    @Produces
    @Singleton
    RouteLockTable routeLockTable(
            Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads, PostgresLockQueue queue) {
        return new PostgresRouteLockTable(vertx, limits, bulkheads, queue);
    }

    @Produces
    @Singleton
    RouteLocks routeLocks(RouteLockTable table, AuditTrail audit) {
        return new RouteLocks(table, audit);
    }

    @Produces
    @Singleton
    LockEventLog lockEventLog(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads) {
        return new PostgresLockEventLog(vertx, limits, bulkheads);
    }

    @Produces
    @Singleton
    LockEvents lockEvents(LockEventLog log) {
        return new LockEvents(log);
    }

    /** For logins of all APIs too: one rule, one list. */
    @Produces
    @Singleton
    CrossSiteRule crossSiteRule(AdminSettings settings) {
        return new CrossSiteRule(settings.origins().orElse(List.of()).stream()
                .flatMap(text -> CrossSiteRule.origin(text).stream())
                .toList());
    }
}
