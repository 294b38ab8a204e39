package io.lockgate.postgres;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Singleton;

/** Asks whether Postgres answers. */
@Singleton
public final class PostgresProbe {
    private final Pool pool;
    private final PostgresLimits limits;

    PostgresProbe(Pool pool, PostgresLimits limits) {
        this.pool = pool;
        this.limits = limits;
    }

    /** Whether Postgres answers a query; never fails. For health, not for request paths. */
    public Uni<Boolean> answers() {
        return pool.query("SELECT 1")
                .execute()
                .map(rows -> true)
                .ifNoItem()
                .after(limits.timeout())
                .recoverWithItem(false)
                .onFailure()
                .recoverWithItem(false);
    }
}
