package io.lockgate.testing;

import io.lockgate.app.dev.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** A Postgres of its own that asks everybody but its superuser for a password. */
public final class GuardedPostgres implements AutoCloseable {
    private final EmbeddedPostgres server;

    private GuardedPostgres(EmbeddedPostgres server) {
        this.server = server;
    }

    public static GuardedPostgres start() {
        GuardedPostgres guarded = new GuardedPostgres(EmbeddedPostgres.start());
        guarded.allow("host");
        return guarded;
    }

    /**
     * Lets others in by password only, and only so.
     *
     * @param how {@code host} for any connection, {@code hostssl} for those with TLS
     */
    public void allow(String how) {
        try {
            Files.writeString(Path.of(answer("SHOW hba_file")), """
                    host all postgres 127.0.0.1/32 trust
                    %s all all 127.0.0.1/32 scram-sha-256
                    """.formatted(how));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        answer("SELECT pg_reload_conf()");
    }

    /** The first value of what {@code sql} answers, asked as superuser; empty for a statement without an answer. */
    public String answer(String sql) {
        return answer("postgres", sql);
    }

    /** The same in another database. */
    public String answer(String database, String sql) {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:postgresql://" + place() + "/" + database, "postgres", "");
                var statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (var rows = statement.getResultSet()) {
                rows.next();
                return String.valueOf(rows.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** A new database with an owner of the same name and that password. */
    public void makeDatabase(String name, String password) {
        answer("CREATE USER " + name + " PASSWORD '" + password + "'");
        answer("CREATE DATABASE " + name + " OWNER " + name);
    }

    /** Host and port. */
    public String place() {
        return "127.0.0.1:" + server.port();
    }

    /** The Quarkus settings that lead there. */
    public Map<String, String> settings(String database, String user, String password) {
        Map<String, String> settings = new HashMap<>();
        settings.put("quarkus.datasource.reactive.url", "postgresql://" + place() + "/" + database);
        settings.put("quarkus.datasource.jdbc.url", "jdbc:postgresql://" + place() + "/" + database);
        settings.put("quarkus.datasource.username", user);
        settings.put("quarkus.datasource.password", password);
        return settings;
    }

    @Override
    public void close() {
        server.close();
    }
}
