package io.lockgate.app.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * A Postgres server as a child process of this JVM, for dev mode and tests. It listens on the loopback address alone,
 * asks for no password, is not safe against a power cut, and ends with the JVM.
 */
public final class EmbeddedPostgres implements AutoCloseable {

    private static final String USER = "postgres";

    private final io.zonky.test.db.postgres.embedded.EmbeddedPostgres server;

    private EmbeddedPostgres(io.zonky.test.db.postgres.embedded.EmbeddedPostgres server) {
        this.server = server;
    }

    /**
     * Starts a server with an empty database on a free port and returns when it answers.
     *
     * @throws UncheckedIOException when it does not start
     */
    public static EmbeddedPostgres start() {
        try {
            return new EmbeddedPostgres(io.zonky.test.db.postgres.embedded.EmbeddedPostgres.builder()
                    .setServerConfig("listen_addresses", "127.0.0.1")
                    // Its data may vanish, so nothing waits for a disk.
                    .setServerConfig("fsync", "off")
                    .setServerConfig("full_page_writes", "off")
                    .setServerConfig("synchronous_commit", "off")
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException("embedded Postgres does not start", e);
        }
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return server.getPort();
    }

    /** The Quarkus settings that lead both drivers to this server. */
    public Map<String, String> quarkusSettings() {
        return quarkusSettings(port());
    }

    static Map<String, String> quarkusSettings(int port) {
        String place = "postgresql://127.0.0.1:" + port + "/postgres";
        return Map.of(
                "quarkus.datasource.reactive.url", place,
                "quarkus.datasource.jdbc.url", "jdbc:" + place,
                "quarkus.datasource.username", USER,
                // Not checked by the server, but the reactive driver wants one.
                "quarkus.datasource.password", USER);
    }

    /** Ends the server and deletes its data. */
    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException("embedded Postgres on port " + port() + " does not stop", e);
        }
    }
}
