package io.lockgate.postgres;

import io.agroal.api.AgroalDataSource;
import io.agroal.pool.ConnectionFactory;
import io.lockgate.dependency.CheckResult;
import io.lockgate.dependency.ErrorMessages;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgException;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.output.ValidateOutput;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the database at start, over both drivers, since each has settings of its own: may this user enter, are both
 * led to the same place, is the schema ours, and may it be migrated. Changes nothing.
 */
@Singleton
public final class DatabaseCheck {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int OLDEST_VERSION = 14;
    private static final String JDBC = "QUARKUS_DATASOURCE_JDBC_URL";
    private static final String REACTIVE = "QUARKUS_DATASOURCE_REACTIVE_URL";

    /** Where a connection has led: the database, and the server by the moment it started. */
    private static final String PLACE = "SELECT current_database() || ' of ' || pg_postmaster_start_time()::text";

    private static final String RIGHTS = """
            SELECT pg_is_in_recovery(),
                   current_setting('server_version_num')::int / 10000,
                   current_schema(),
                   coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
                   current_setting('transaction_read_only')::boolean,
                   history.oid IS NULL AND EXISTS (
                       SELECT 1 FROM pg_class r WHERE r.relnamespace = place.oid AND r.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')),
                   (SELECT string_agg(r.relname, ', ' ORDER BY r.relname) FROM pg_class r
                    WHERE r.relnamespace = place.oid AND r.relkind = 'r' AND r.relowner = history.relowner
                      AND r.oid <> history.oid
                      AND NOT (has_table_privilege(r.oid, 'SELECT') AND has_table_privilege(r.oid, 'INSERT')))
            FROM (SELECT 1) always
            LEFT JOIN pg_namespace place ON place.nspname = current_schema()
            LEFT JOIN pg_class history ON history.relnamespace = place.oid AND history.relname = 'flyway_schema_history'
            """;

    private final AgroalDataSource database;
    private final Pool pool;
    private final BoundedPool servers;
    private final String user;
    private final boolean migrates;

    DatabaseCheck(
            AgroalDataSource database,
            Pool pool,
            BoundedPool servers,
            @ConfigProperty(name = "quarkus.datasource.username") Optional<String> user,
            @ConfigProperty(name = "quarkus.flyway.migrate-at-start") boolean migrates) {
        this.database = database;
        this.pool = pool;
        this.servers = servers;
        this.user = user.orElse("");
        this.migrates = migrates;
    }

    /**
     * One look. Blocks, at most some 5 s for each driver.
     *
     * @param migrations where Flyway finds them and what it connects to
     */
    public CheckResult look(Configuration migrations) {
        // At the same time: most of each is Postgres' making of a connection.
        CompletableFuture<Place> otherWay = overReactive();
        Place jdbc = overJdbc();
        Place reactive = otherWay.join();
        CheckResult found = jdbc.findings.and(reactive.findings);
        if (!found.isFit()) {
            return found;
        }
        if (!jdbc.name.equals(reactive.name)) {
            return CheckResult.unfit("Postgres: " + JDBC + " and " + REACTIVE + " lead to different databases ("
                    + jdbc.name + "; " + reactive.name + ")");
        }
        try {
            return lookAtSchema(migrations, jdbc);
        } catch (FlywayException e) {
            return CheckResult.unfit("Postgres: the schema cannot be looked at: " + ErrorMessages.of(e));
        }
    }

    /**
     * What one driver found; the name says where it has come out, the rest is known over JDBC only.
     *
     * @param taken whether the schema holds things and no history of migrations, which Flyway then refuses to begin
     * @param denied tables of ours that this user may not read or fill
     */
    private record Place(
            CheckResult findings,
            String name,
            @Nullable String schema,
            boolean mayCreate,
            boolean taken,
            @Nullable String denied) {
        static Place of(CheckResult findings, String name) {
            return new Place(findings, name, null, false, false, null);
        }
    }

    /** Not over the pool: that logs each failure by itself. */
    private Place overJdbc() {
        var how = database.getConfiguration().connectionPoolConfiguration().connectionFactoryConfiguration();
        try (Connection connection =
                new ConnectionFactory(how).createConnection().getConnection()) {
            Executor here = Runnable::run;
            connection.setNetworkTimeout(here, Math.toIntExact(PATIENCE.toMillis()));
            try (Statement statement = connection.createStatement()) {
                String name;
                try (ResultSet row = statement.executeQuery(PLACE)) {
                    row.next();
                    name = row.getString(1);
                }
                try (ResultSet row = statement.executeQuery(RIGHTS)) {
                    row.next();
                    return new Place(
                            findings(row.getBoolean(1), row.getInt(2), row.getBoolean(5)),
                            name,
                            row.getString(3),
                            row.getBoolean(4),
                            row.getBoolean(6),
                            row.getString(7));
                }
            }
        } catch (SQLException e) {
            return Place.of(failure(e, e.getSQLState(), JDBC), "");
        }
    }

    private static CheckResult findings(boolean standby, int version, boolean readOnly) {
        if (version < OLDEST_VERSION) {
            return CheckResult.unfit("Postgres is of version " + version + ", but must be at least " + OLDEST_VERSION);
        }
        if (standby) {
            return CheckResult.notYet("Postgres is a standby, which takes no writes (" + JDBC + ")");
        }
        return readOnly
                ? CheckResult.unfit("Postgres takes no writes from this user or in this database"
                        + " (default_transaction_read_only is on)")
                : CheckResult.fit();
    }

    private CompletableFuture<Place> overReactive() {
        return Uni.createFrom()
                .deferred(() -> {
                    // Has the pool made, if it is not yet; its address may be malformed.
                    pool.size();
                    return Uni.createFrom()
                            .completionStage(
                                    () -> servers.askAlone(PLACE, PATIENCE).toCompletionStage());
                })
                .ifNoItem()
                .after(PATIENCE)
                .fail()
                .map(name -> Place.of(CheckResult.fit(), name))
                .onFailure()
                .recoverWithItem(this::notReached)
                .subscribeAsCompletionStage();
    }

    private Place notReached(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !(cause instanceof PgException)) {
            cause = cause.getCause();
        }
        if (cause instanceof IllegalArgumentException) {
            // It is read when the pool is made, at its first use.
            return Place.of(CheckResult.unfit("Postgres: " + REACTIVE + " is malformed: " + cause.getMessage()), "");
        }
        return Place.of(failure(failure, cause instanceof PgException said ? said.getSqlState() : null, REACTIVE), "");
    }

    private CheckResult lookAtSchema(Configuration migrations, Place place) {
        if (place.schema == null) {
            return CheckResult.unfit("Postgres: no schema of the search path exists");
        }
        if (place.taken) {
            return CheckResult.unfit("Postgres: schema " + place.schema + " holds things of others and none of ours:"
                    + " give the gateway a database or a schema of its own");
        }
        Flyway flyway = Flyway.configure(migrations.getClassLoader())
                .configuration(migrations)
                .ignoreMigrationPatterns("*:pending", "*:future")
                .load();
        List<String> faults = new ArrayList<>();
        for (ValidateOutput wrong : flyway.validateWithResult().invalidMigrations) {
            faults.add("Postgres: the schema was not made by this gateway: migration " + wrong.version + ": "
                    + Optional.ofNullable(wrong.errorDetails)
                            .map(details -> details.errorMessage)
                            .orElse("does not fit"));
        }
        int pending = flyway.info().pending().length;
        if (pending > 0 && !migrates && faults.isEmpty()) {
            return CheckResult.notYet("Postgres: " + pending
                    + " migrations are to be made, which this gateway leaves to others (lockgate --migrate;"
                    + " QUARKUS_FLYWAY_MIGRATE_AT_START)");
        }
        if (pending > 0 && migrates && !place.mayCreate) {
            faults.add(
                    "Postgres: " + pending + " migrations are to be made, but the user may not create tables in schema "
                            + place.schema + " (GRANT CREATE ON SCHEMA)");
        }
        if (place.denied != null) {
            faults.add("Postgres: the user may not read or fill the tables " + place.denied
                    + " (GRANT SELECT, INSERT, …)");
        }
        return new CheckResult(faults, false);
    }

    private CheckResult failure(Throwable failure, @Nullable String state, String setting) {
        String said = failure instanceof TimeoutException
                ? "no answer in " + PATIENCE.toSeconds() + " s"
                : ErrorMessages.of(failure);
        boolean tls = said.contains("SSL root certificate");
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            tls |= cause instanceof SSLException;
        }
        if (tls) {
            return CheckResult.unfit("Postgres: no agreement on TLS: " + said + " (" + setting + ")");
        }
        // No password where one is asked for has a state of its own over JDBC, which means more than that.
        boolean missing = "08004".equals(state) && said.contains("no password");
        return switch (missing ? "28P01" : state == null ? "" : state) {
            case "28P01" ->
                CheckResult.unfit("Postgres refuses the password of user '" + user
                        + "' (QUARKUS_DATASOURCE_USERNAME, QUARKUS_DATASOURCE_PASSWORD)");
            case "3D000" -> CheckResult.unfit("Postgres has no such database: " + said + " (" + setting + ")");
            // A login that is refused for another reason: pg_hba.conf, a role that may not log in, no TLS.
            case "28000", "08004", "42501" -> CheckResult.unfit("Postgres refuses: " + said + " (" + setting + ")");
            default -> CheckResult.notYet("Postgres does not answer: " + said + " (" + setting + ")");
        };
    }
}
