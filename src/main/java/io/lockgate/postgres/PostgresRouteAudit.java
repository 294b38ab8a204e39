package io.lockgate.postgres;

import io.lockgate.route.AuditTrail;
import io.lockgate.route.TableUnavailableException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.util.Map;

/** The trail of forced removals in the table {@code audit}. */
public final class PostgresRouteAudit implements AuditTrail {
    private static final String RECORD = """
            INSERT INTO audit (actor, what, object, whose, reason)
            VALUES (:actor, 'force-route-lock', :object, :whose, :reason) RETURNING id, actor
            """;

    private final PostgresCalls calls;

    /** Connects to nothing by itself: it uses the pool of the default datasource. */
    public PostgresRouteAudit(Vertx vertx, PostgresLimits limits) {
        this.calls = new PostgresCalls(vertx, limits.timeout(), TableUnavailableException::new);
    }

    @Override
    public Uni<Void> record(Entry entry) {
        Map<String, Object> values = Map.of(
                "actor", entry.who(),
                "object",
                        "route " + entry.what().route() + " id " + entry.what().id(),
                "whose", entry.whose(),
                "reason", entry.why());
        return calls.inSession(() -> Rows.all(RECORD, values)).replaceWithVoid();
    }
}
