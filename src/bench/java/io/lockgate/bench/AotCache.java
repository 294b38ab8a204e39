package io.lockgate.bench;

import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.GatewayProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The AOT cache of the jar (JEP 483, JEP 514): what Java has loaded and linked in a run that is watched, for later runs
 * of the same jar by the same Java. The build makes it with {@code -Daot}.
 */
public final class AotCache {
    /** Beside the jar. */
    public static final Path FILE = Path.of("target", "quarkus-app", "lockgate.aot");

    static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

    private static final int REQUESTS = 2_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private AotCache() {}

    /** Makes it, with a Redis and a Postgres of its own. */
    public static void main(String[] arguments) throws Exception {
        try (EmbeddedRedis redis = OwnRedis.start(Optional.empty());
                EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            make(FILE, settings(redis, postgres));
        }
        System.exit(0);
    }

    /** By a run that serves some requests; Java writes the file at its end. */
    public static void make(Path file, Map<String, String> settings) {
        try (GatewayProcess packaged = GatewayProcess.launch(java("-XX:AOTCacheOutput=" + file), settings)) {
            packaged.awaitReady();
            LockRounds.run(packaged, REQUESTS);
            packaged.terminate();
            packaged.awaitEnd(PATIENCE);
        }
    }

    /** The command line of the jar, with more options of Java. */
    public static List<String> java(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-jar", JAR.toString()));
        return command;
    }

    /** Of a gateway with the first user that {@link #make} logs in as, which stops without delay. */
    public static Map<String, String> settings(EmbeddedRedis redis, EmbeddedPostgres postgres) {
        Map<String, String> settings = new HashMap<>(postgres.quarkusSettings());
        settings.put("quarkus.redis.hosts", redis.uri().toString());
        settings.put("lockgate.bootstrap.admin.username", LockRounds.USER);
        settings.put("lockgate.bootstrap.admin.password", LockRounds.PASSWORD);
        settings.put("quarkus.shutdown.delay", "0s");
        return settings;
    }
}
