package io.lockgate.postgres;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Singleton;
import java.util.Map;

/** Asks whether Postgres answers. */
@Singleton
public final class PostgresProbe {
    private final PostgresCalls calls;

    PostgresProbe(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads) {
        this.calls =
                new PostgresCalls(vertx, bulkheads, PostgresUse.HEALTH, limits.timeout(), IllegalStateException::new);
    }

    /** Whether Postgres answers a query; never fails. For health, not for request paths. */
    public Uni<Boolean> answers() {
        return calls.inSession(() -> Rows.all("SELECT 1, 1", Map.of()))
                .map(rows -> true)
                .onFailure()
                .recoverWithItem(false);
    }
}
