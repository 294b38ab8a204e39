package io.lockgate.postgres;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.core.Future;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the connection pool with a bound on every wait. The library's defaults are: 60 s to open a connection, 30 s in
 * the queue for one, a queue without end, statements without end, and a connection to a host that went silent is kept
 * until the kernel gives up after a quarter of an hour.
 *
 * <p>{@code statement_timeout} is sent when a connection opens. PgBouncer refuses that unless its
 * {@code ignore_startup_parameters} names it.
 */
@Singleton
final class BoundedPool implements PgPoolCreator {
    /** Calls that wait for a connection at once; more are refused at once, as unavailable. */
    static final int MAX_WAITING = 1_000;

    private final PostgresLimits limits;
    private volatile @Nullable Input made;

    BoundedPool(PostgresLimits limits) {
        this.limits = limits;
    }

    @Override
    public Pool create(Input input) {
        made = input;
        int timeoutMs = Math.toIntExact(limits.timeout().toMillis());
        int deadAfterMs = Math.toIntExact(limits.deadAfter().toMillis());
        for (PgConnectOptions server : input.pgConnectOptionsList()) {
            server.setConnectTimeout(timeoutMs);
            server.addProperty("statement_timeout", Integer.toString(timeoutMs));
            server.setReadIdleTimeout(deadAfterMs);
            server.setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
        }
        input.poolOptions()
                .setMaxWaitQueueSize(MAX_WAITING)
                .setConnectionTimeout(timeoutMs)
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
                // Well before the above: a connection at rest is taken out of the pool, never cut while in use.
                .setIdleTimeout(Math.max(1, deadAfterMs / 2))
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
        return PgBuilder.pool()
                .with(input.poolOptions())
                .connectingTo(List.<SqlConnectOptions>copyOf(input.pgConnectOptionsList()))
                .using(input.vertx())
                .build();
    }

    /**
     * A connection beside the pool, for what must not share one. It has the pool's time-outs: it is closed when it has
     * brought nothing for {@link PostgresLimits#deadAfter}.
     *
     * @param name by which Postgres shows it
     * @param server which of several, counted around
     */
    Future<PgConnection> connectAlone(String name, int server) {
        Input input = made;
        if (input == null) {
            return Future.failedFuture("the pool has not been made");
        }
        List<PgConnectOptions> all = input.pgConnectOptionsList();
        PgConnectOptions options = new PgConnectOptions(all.get(Math.floorMod(server, all.size())));
        // As pg_stat_activity shows it.
        return PgConnection.connect(input.vertx(), options.addProperty("application_name", name));
    }

    /**
     * The first column of the only row of a query, over a pool of its own. For the check at start: the first connection
     * of a machine that is busy starting may take longer than a caller of the pool may wait.
     *
     * @param patience to open the connection
     * @throws IllegalStateException when the pool has not been made
     */
    Future<String> askAlone(String sql, Duration patience) {
        Input input = made;
        if (input == null) {
            throw new IllegalStateException("the pool has not been made");
        }
        int patienceMs = Math.toIntExact(patience.toMillis());
        List<SqlConnectOptions> servers = new ArrayList<>();
        for (PgConnectOptions server : input.pgConnectOptionsList()) {
            servers.add(new PgConnectOptions(server).setConnectTimeout(patienceMs));
        }
        Pool alone = PgBuilder.pool()
                .with(new PoolOptions()
                        .setMaxSize(1)
                        .setConnectionTimeout(patienceMs)
                        .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS))
                .connectingTo(servers)
                .using(input.vertx())
                .build();
        return alone.query(sql)
                .execute()
                .map(rows -> rows.iterator().next().getString(0))
                .eventually(() -> alone.close());
    }
}
