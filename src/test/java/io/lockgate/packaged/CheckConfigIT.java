package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.app.settings.SettingsCatalog;
import io.lockgate.app.settings.Within;
import io.lockgate.app.settings.WithinTime;
import io.lockgate.testing.GatewayProcess;
import io.lockgate.testing.GatewayProcess.Ended;
import io.lockgate.testing.GuardedPostgres;
import io.lockgate.testing.redis.RespClient;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code --check-config} and {@code --version} of what is shipped, on servers that ask for passwords. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("smoke")
class CheckConfigIT {
    private static final String REDIS_PASSWORD = "redis-secret-1";
    private static final String POSTGRES_PASSWORD = "postgres-secret-2";
    private static final String WRONG = "guessed-secret-3";

    private EmbeddedRedis redis;
    private GuardedPostgres postgres;

    @BeforeAll
    void start() {
        redis = EmbeddedRedis.start("requirepass " + REDIS_PASSWORD);
        postgres = GuardedPostgres.start();
        postgres.makeDatabase("lockgate", POSTGRES_PASSWORD);
        postgres.answer("CREATE USER weak PASSWORD '" + POSTGRES_PASSWORD + "'");
    }

    @AfterAll
    void stop() {
        redis.close();
        postgres.close();
    }

    private Map<String, String> good() {
        Map<String, String> settings = postgres.settings("lockgate", "lockgate", POSTGRES_PASSWORD);
        settings.put("quarkus.redis.hosts", redisUri(redis.port(), ""));
        return settings;
    }

    private static String redisUri(int port, String more) {
        return "redis://:" + REDIS_PASSWORD + "@127.0.0.1:" + port + more;
    }

    /** Its lines, when it failed as it should: with exit code 1, no stack trace and no secret. */
    private static List<String> faults(Map<String, String> settings) {
        Ended ended = GatewayProcess.run(settings, "--check-config");
        assertThat(ended.output())
                .doesNotContain(REDIS_PASSWORD, POSTGRES_PASSWORD, WRONG)
                .doesNotContain("\tat ", "Exception");
        assertThat(ended.code()).isEqualTo(1);
        return ended.output().lines().toList();
    }

    private Map<String, String> but(String... pairs) {
        Map<String, String> settings = new HashMap<>(good());
        for (int i = 0; i < pairs.length; i += 2) {
            settings.put(pairs[i], pairs[i + 1]);
        }
        return settings;
    }

    private String redisKeys() {
        return redisSays("DBSIZE");
    }

    /** The first line of the answer to one command. */
    private String redisSays(String command) {
        try (RespClient client = new RespClient(redis.uri())) {
            client.send("AUTH", REDIS_PASSWORD);
            return client.text(command.split(" ", -1));
        }
    }

    private String tables() {
        return postgres.answer("lockgate", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'");
    }

    @Test
    @DisplayName("--version needs no settings")
    void saysItsVersion() {
        Ended ended = GatewayProcess.run(Map.of(), "--version");
        assertThat(ended.code()).isZero();
        assertThat(ended.output()).matches("lockgate \\d+\\.\\d+\\.\\d+\\S*\\R");
    }

    @Test
    @DisplayName("An unknown argument is refused")
    void refusesUnknownArguments() {
        Ended ended = GatewayProcess.run(Map.of(), "--chek-config");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.output()).startsWith("usage: lockgate");
    }

    @Test
    @DisplayName("A missing Redis right is reported in one line with the command and the user")
    void refusesAUserWithoutARight() {
        redisSays("ACL SETUSER lockgate on >" + REDIS_PASSWORD + " ~lg:1:* +@all -hincrby");
        String uri = redisUri(redis.port(), "").replace("redis://:", "redis://lockgate:");
        assertThat(faults(but("quarkus.redis.hosts", uri)))
                .singleElement()
                .asString()
                .contains("the user lockgate may not run HINCRBY");
    }

    @Test
    @DisplayName("--repair reports what is wrong and changes nothing; --apply repairs it")
    void repairs() {
        assertThat(GatewayProcess.run(good(), "--repair").code()).isZero();
        assertThat(redisKeys()).isEqualTo("0");
        redisSays("ZADD lg:1:{b3}:list 0 fnnobody");
        Ended dry = GatewayProcess.run(good(), "--repair");
        assertThat(dry.output()).contains("bucket 3: has too much in list: fnnobody");
        assertThat(dry.code()).isEqualTo(1);
        assertThat(redisKeys()).isEqualTo("1");
        Ended applied = GatewayProcess.run(good(), "--repair", "--apply");
        assertThat(applied.output()).contains("bucket 3: in use again", "1 buckets repaired");
        assertThat(applied.code()).isZero();
        assertThat(GatewayProcess.run(good(), "--repair").code()).isZero();
        redisSays("DEL lg:1:{b3}:meta");
        assertThat(redisKeys()).isEqualTo("0");
    }

    @Test
    @DisplayName("A short password of the first user and a too small pool are refused, and no password is shown")
    void refusesAShortPasswordAndASmallPool() {
        assertThat(faults(but(
                        "lockgate.bootstrap.admin.username", "admin",
                        "lockgate.bootstrap.admin.password", "short-7",
                        "quarkus.datasource.reactive.max-size", "8")))
                .contains(
                        "lockgate: lockgate.bootstrap.admin.password (LOCKGATE_BOOTSTRAP_ADMIN_PASSWORD) is shorter than 8"
                                + " characters",
                        "lockgate: quarkus.datasource.reactive.max-size is 8, but must be between 10 and 1000")
                .noneMatch(line -> line.contains("short-7"));
    }

    /** The ports given here are taken. */
    @Test
    @DisplayName("A check without errors says so, migrates nothing, writes nothing, and opens no port")
    void changesNothing() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
                ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            Ended ended = GatewayProcess.run(
                    but(
                            "quarkus.http.port",
                            Integer.toString(taken.getLocalPort()),
                            "quarkus.management.port",
                            Integer.toString(other.getLocalPort())),
                    "--check-config");
            assertThat(ended.output())
                    .isEqualToIgnoringNewLines(
                            "lockgate: the settings are good," + " Redis and Postgres are fit for use");
            assertThat(ended.code()).isZero();
        }
        assertThat(tables()).isEqualTo("0");
        assertThat(redisKeys()).isEqualTo("0");
    }

    @Test
    @DisplayName("Bad ports, TLS files and profiles are reported, which Quarkus would find too late")
    void namesWhatCannotBeListenedWith() {
        assertThat(faults(but(
                        "quarkus.http.port",
                        "99999",
                        "quarkus.http.ssl.certificate.files",
                        "/nowhere/cert.pem",
                        "quarkus.http.ssl.certificate.key-files",
                        "/nowhere/key.pem")))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .contains("quarkus.http.port is 99999, but must be between 0 and 65535"),
                        line -> assertThat(line).contains("/nowhere/cert.pem cannot be read"),
                        line -> assertThat(line).contains("/nowhere/key.pem cannot be read"));
        assertThat(faults(but("quarkus.http.port", "7777", "quarkus.management.port", "7777")))
                .singleElement()
                .asString()
                .contains("quarkus.management.port is quarkus.http.port, 7777");
        assertThat(faults(but("lockgate.start.patience", "PT2562047788015215H")))
                .singleElement()
                .asString()
                .contains("lockgate.start.patience is 9223372036854775807 ms");
        assertThat(faults(but("quarkus.shutdown.delay", "30s")))
                .singleElement()
                .asString()
                .contains("quarkus.shutdown.delay is 30000 ms, but must be between 0 ms and 15000 ms");
        assertThat(faults(but("quarkus.profile", "test")).getFirst()).contains("QUARKUS_PROFILE is test");
    }

    /** A password would become another one. */
    @Test
    @DisplayName("Letters that Java would decode wrongly are refused, and accepted in the right encoding")
    void refusesSettingsThatAreReadAsOthers() {
        for (String locale : List.of("C", "POSIX")) {
            Ended ended = GatewayProcess.run(
                    but("lockgate.node.build-id", "gr\u00fc\u00dfe", "LC_ALL", locale), "--check-config");
            if (ended.code() == 0) {
                // A native image reads UTF-8 whatever the locale.
                assertThat(ended.output()).startsWith("lockgate: the settings are good");
            } else {
                assertThat(ended.output().lines().toList().getFirst())
                        .startsWith(
                                "lockgate: LOCKGATE_NODE_BUILD_ID holds characters that are not read as they are written:"
                                        + " start with LC_ALL=C.UTF-8");
                assertThat(ended.output()).doesNotContain("gr\u00fc\u00dfe", "\tat ");
            }
        }
        assertThat(GatewayProcess.run(
                                but("lockgate.node.build-id", "gr\u00fc\u00dfe", "LC_ALL", "C.UTF-8"), "--check-config")
                        .code())
                .isZero();
        assertThat(faults(but("lockgate.node.build-id", "\uFFFD", "LC_ALL", "C.UTF-8"))
                        .getFirst())
                .contains("LOCKGATE_NODE_BUILD_ID");
        assertThat(faults(but("lockgate.admin.origins", "https://a.example,b.example/x"))
                        .getFirst())
                .contains("lockgate.admin.origins: 'b.example/x' is no origin");
    }

    @Test
    @DisplayName("An unknown setting is reported")
    void namesWhatIsMisspelt() {
        assertThat(faults(but("lockgate.limts.names-per-grant", "7")))
                .singleElement()
                .asString()
                .isEqualTo("lockgate: LOCKGATE_LIMTS_NAMES_PER_GRANT is no setting of lockgate (lockgate.env has all)");
    }

    @Test
    @DisplayName("Passwords in addresses are hidden, also unencoded ones and those in a driver's partial quote")
    void keepsPasswordsOfAddresses() {
        String place = "127.0.0.1:1/lockgate";
        for (String user : List.of("u:" + WRONG, "u:p/" + WRONG, "u:p@" + WRONG)) {
            faults(but("quarkus.datasource.reactive.url", "postgresql://" + user + "@" + place));
            faults(but("quarkus.datasource.jdbc.url", "jdbc:postgresql://" + user + "@" + place));
        }
    }

    @Test
    @DisplayName("A database in which the migration or the first call would fail is reported")
    void namesUnfitSchemas() {
        postgres.makeDatabase("strange", POSTGRES_PASSWORD);
        postgres.answer("strange", "CREATE TABLE stranger (i int)");
        assertThat(faults(butDatabase("strange", "strange")))
                .singleElement()
                .asString()
                .contains("Postgres: schema public holds things of others and none of ours");

        postgres.makeDatabase("still", POSTGRES_PASSWORD);
        postgres.answer("ALTER USER still SET default_transaction_read_only = on");
        assertThat(faults(butDatabase("still", "still")))
                .singleElement()
                .asString()
                .contains("Postgres takes no writes");

        postgres.makeDatabase("shared", POSTGRES_PASSWORD);
        assertThat(GatewayProcess.run(butDatabase("shared", "shared"), "--migrate")
                        .code())
                .isZero();
        postgres.answer("CREATE USER reader PASSWORD '" + POSTGRES_PASSWORD + "'");
        postgres.answer("shared", "GRANT SELECT ON flyway_schema_history TO reader");
        assertThat(faults(butDatabase("shared", "reader")))
                .singleElement()
                .asString()
                .contains("may not read or fill the tables ", "users");
        redisSays("FLUSHALL");
    }

    private Map<String, String> butDatabase(String database, String user) {
        Map<String, String> settings = good();
        settings.putAll(postgres.settings(database, user, POSTGRES_PASSWORD));
        return settings;
    }

    @Test
    @DisplayName("Wrong passwords for Redis and Postgres are reported in one run")
    void namesWrongPasswords() {
        assertThat(faults(but(
                        "quarkus.redis.hosts",
                        "redis://:" + WRONG + "@127.0.0.1:" + redis.port(),
                        "quarkus.datasource.password",
                        WRONG)))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("lockgate: Redis refuses the password: WRONGPASS"),
                        line -> assertThat(line)
                                .startsWith("lockgate: Postgres refuses the password of user 'lockgate'"));
    }

    @Test
    @DisplayName("Unreachable hosts are reported, whether they refuse or are unknown")
    void namesUnreachableHosts() throws IOException {
        int nobody = GatewayProcess.freePort();
        assertThat(faults(but(
                        "quarkus.redis.hosts",
                        redisUri(nobody, ""),
                        "quarkus.datasource.reactive.url",
                        "postgresql://nobody.invalid/lockgate",
                        "quarkus.datasource.jdbc.url",
                        "jdbc:postgresql://nobody.invalid/lockgate")))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("lockgate: Redis does not answer: Connection refused: ")
                                .contains(":" + nobody),
                        line -> assertThat(line)
                                .startsWith("lockgate: Postgres does not answer: ")
                                .contains("unknown host nobody.invalid", "JDBC_URL"),
                        line -> assertThat(line)
                                .startsWith("lockgate: Postgres does not answer: ")
                                .contains("unknown host nobody.invalid", "REACTIVE_URL"));
    }

    @Test
    @DisplayName("A dependency that accepts the connection and stays silent does not block the check")
    void doesNotHangWithItsNeighbours() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 100, InetAddress.ofLiteral("127.0.0.1"))) {
            String place = "127.0.0.1:" + silent.getLocalPort() + "/lockgate";
            assertThat(faults(but(
                            "quarkus.redis.hosts",
                            redisUri(silent.getLocalPort(), ""),
                            "quarkus.datasource.reactive.url",
                            "postgresql://" + place,
                            "quarkus.datasource.jdbc.url",
                            "jdbc:postgresql://" + place)))
                    .satisfiesExactly(
                            line -> assertThat(line).startsWith("lockgate: Redis does not answer"),
                            line -> assertThat(line).startsWith("lockgate: Postgres does not answer"),
                            line -> assertThat(line).startsWith("lockgate: Postgres does not answer"));
        }
    }

    @Test
    @DisplayName("Missing databases are reported")
    void namesWrongDatabases() {
        assertThat(faults(but(
                        "quarkus.redis.hosts",
                        redisUri(redis.port(), "/99"),
                        "quarkus.datasource.reactive.url",
                        "postgresql://" + postgres.place() + "/elsewhere",
                        "quarkus.datasource.jdbc.url",
                        "jdbc:postgresql://" + postgres.place() + "/postgres")))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("lockgate: Redis has no such database"),
                        line -> assertThat(line)
                                .startsWith("lockgate: Postgres has no such database")
                                .contains("elsewhere", "REACTIVE_URL"));
    }

    @Test
    @DisplayName("A user who may not create tables, and a Redis that may evict, are reported")
    void namesMissingRightsAndEviction() {
        try (EmbeddedRedis evicting =
                EmbeddedRedis.start("requirepass " + REDIS_PASSWORD, "maxmemory-policy allkeys-lru")) {
            assertThat(faults(but(
                            "quarkus.redis.hosts",
                            redisUri(evicting.port(), ""),
                            "quarkus.datasource.username",
                            "weak")))
                    .satisfiesExactly(
                            line -> assertThat(line).contains("maxmemory-policy must be noeviction"),
                            line -> assertThat(line)
                                    .contains("migrations are to be made", "may not create tables in schema public"));
        }
    }

    @Test
    @DisplayName("A store that was created with other settings is reported")
    void namesAnotherStore() {
        try (EmbeddedRedis other = EmbeddedRedis.start()) {
            String uri = "redis://127.0.0.1:" + other.port();
            tell(other, "HSET lg:1:store buckets 16 cross-protocol isolated");
            assertThat(faults(but("quarkus.redis.hosts", uri)))
                    .singleElement()
                    .asString()
                    .contains("made with lockgate.redis.buckets=16, not 64");

            tell(other, "HSET lg:1:store buckets 64");
            tell(other, "HSET lg:1:{b3}:rows some lock");
            assertThat(faults(but("quarkus.redis.hosts", uri, "lockgate.locks.cross-protocol", "enforced")))
                    .singleElement()
                    .asString()
                    .contains("lockgate.locks.cross-protocol=isolated");
        }
    }

    private static void tell(EmbeddedRedis server, String command) {
        try (RespClient client = new RespClient(server.uri())) {
            client.send(command.split(" ", -1));
        }
    }

    @Test
    @DisplayName("Each missing setting is reported on its own line")
    void namesWhatIsMissing() {
        assertThat(faults(Map.of("quarkus.datasource.username", "lockgate")))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("lockgate: QUARKUS_DATASOURCE_JDBC_URL is not set"),
                        line -> assertThat(line).startsWith("lockgate: QUARKUS_DATASOURCE_REACTIVE_URL is not set"),
                        line -> assertThat(line).startsWith("lockgate: QUARKUS_REDIS_HOSTS is not set"),
                        line -> assertThat(line).contains("were not tried"));
    }

    @Test
    @DisplayName("Each unreadable setting is reported")
    void namesWhatIsUnreadable() {
        assertThat(faults(but("lockgate.redis.buckets", "many", "lockgate.files.catalog", "ajar")))
                .anySatisfy(line -> assertThat(line).startsWith("lockgate: lockgate.redis.buckets is 'many'"))
                .anySatisfy(line -> assertThat(line).startsWith("lockgate: lockgate.files.catalog is 'ajar'"));
    }

    @Test
    @DisplayName(
            "Every setting out of bounds is reported on its own line, and the dependencies are checked all the same")
    void namesEverySettingOutOfBounds() {
        Map<String, String> bounded = bounded();
        assertThat(bounded).hasSizeGreaterThan(30);
        Map<String, String> settings = but("quarkus.datasource.password", WRONG, "lockgate.node.id", "0");
        settings.putAll(bounded);

        List<String> lines = faults(settings);

        for (String name : bounded.keySet()) {
            assertThat(lines).as(name).anySatisfy(line -> assertThat(line).startsWith("lockgate: " + name + " is "));
        }
        assertThat(lines)
                .anySatisfy(line -> assertThat(line).startsWith("lockgate: lockgate.node.id is 0"))
                .last()
                .asString()
                .contains("Postgres refuses the password");
    }

    /** Every setting with a bound, with a value beyond it. */
    private static Map<String, String> bounded() {
        Map<String, String> found = new TreeMap<>();
        for (Class<?> mapping : SettingsCatalog.MAPPINGS) {
            for (Method setting : mapping.getDeclaredMethods()) {
                String name = SettingsCatalog.name(mapping, setting);
                if (setting.isAnnotationPresent(WithinTime.class)) {
                    found.put(name, "9999D");
                } else if (setting.isAnnotationPresent(Within.class) && setting.getReturnType() == int.class) {
                    found.put(name, "2147483647");
                }
            }
        }
        return found;
    }
}
