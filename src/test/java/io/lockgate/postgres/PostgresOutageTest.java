package io.lockgate.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedServers;
import io.lockgate.file.CatalogUnavailableException;
import io.lockgate.file.FileLookup;
import io.lockgate.file.FileLookup.Known;
import io.lockgate.file.FileRef;
import io.lockgate.file.Files;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(value = PostgresOutageTest.CutOffPostgres.class, restrictToAnnotatedClass = true)
@Tag("slow")
public class PostgresOutageTest {
    private static final Duration PROMISED = Duration.ofSeconds(2);

    @Inject
    Files files;

    @Nullable Consumer<String> network;

    @AfterEach
    void mendTheNetwork() {
        cut("restore");
        await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> answers(files.forReading(unseen())));
    }

    @ParameterizedTest
    @DisplayName("A gone or silent Postgres is an exception within the promised time, call after call")
    @ValueSource(strings = {"refuse", "swallow"})
    void failsInTime(String how) {
        acquired(unseen());
        cut(how);

        for (int i = 0; i < 3; i++) {
            for (Uni<?> call : List.of(
                    files.forReading(unseen()),
                    files.forAcquire(unseen()),
                    files.confirm(1L << 62 | 1),
                    files.resolve(List.of(1L << 62 | 1)))) {
                long began = System.nanoTime();
                assertThatExceptionOfType(CatalogUnavailableException.class)
                        .isThrownBy(() -> call.await().atMost(Duration.ofSeconds(10)));
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PROMISED);
            }
        }
    }

    @ParameterizedTest
    @DisplayName("During an outage cached paths and the clients' own ids stay known")
    @ValueSource(strings = {"refuse", "swallow"})
    void rememberedFilesGoOn(String how) {
        FileRef path = unseen();
        long id = acquired(path);
        cut(how);

        for (FileRef ref : List.of(path, new FileRef.ById(id))) {
            assertThat(answer(files.forReading(ref))).isEqualTo(new Known(id, false));
            assertThat(answer(files.forAcquire(ref))).isEqualTo(new Known(id, false));
            assertThat(answer(files.forRelease(ref))).isEqualTo(new Known(id, false));
        }
        assertThat(answer(files.forAcquire(new FileRef.ById(7)))).isEqualTo(new Known(7, false));
    }

    @Test
    @DisplayName("A thousand concurrent calls of a silent Postgres all fail in time and cost nothing once it is back")
    void crowdIsToldInTime() {
        cut("swallow");
        List<Uni<FileLookup>> crowd = new ArrayList<>();
        for (int i = 0; i < 3 * BoundedPool.MAX_WAITING; i++) {
            crowd.add(files.forAcquire(unseen()));
        }

        long began = System.nanoTime();
        List<Boolean> told = Uni.join()
                .all(crowd.stream()
                        .map(call -> call.map(found -> false)
                                .onFailure(CatalogUnavailableException.class)
                                .recoverWithItem(true))
                        .toList())
                .andFailFast()
                .await()
                .atMost(Duration.ofSeconds(10));

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PROMISED.multipliedBy(2));
        assertThat(told).containsOnly(true);
    }

    @ParameterizedTest
    @DisplayName("The gateway recovers by itself, also when old connections never learn that they are dead")
    @ValueSource(strings = {"refuse", "swallow"})
    void recoversByItself(String how) {
        FileRef path = unseen();
        cut(how);
        assertThatExceptionOfType(CatalogUnavailableException.class).isThrownBy(() -> answer(files.forAcquire(path)));

        cut("restore");

        await().atMost(Duration.ofSeconds(10)).ignoreExceptions().until(() -> answers(files.forAcquire(path)));
        acquired(path);
    }

    private long acquired(FileRef path) {
        Known known = (Known) answer(files.forAcquire(path));
        files.confirm(known.id()).await().atMost(PROMISED);
        return known.id();
    }

    private void cut(String how) {
        Objects.requireNonNull(network).accept(how);
    }

    private static FileRef unseen() {
        return FileRef.parse("/outage/" + UUID.randomUUID());
    }

    private static FileLookup answer(Uni<FileLookup> lookup) {
        return lookup.await().atMost(PROMISED);
    }

    private static boolean answers(Uni<FileLookup> lookup) {
        answer(lookup);
        return true;
    }

    /** A Postgres of its own, behind a network that can be cut. */
    public static final class CutOffPostgres implements QuarkusTestResourceLifecycleManager {
        private @Nullable EmbeddedPostgres server;
        private @Nullable FlakyProxy proxy;

        @Override
        public Map<String, String> start() {
            EmbeddedPostgres started = EmbeddedPostgres.start();
            FlakyProxy way = new FlakyProxy(started.port());
            server = started;
            proxy = way;
            Map<String, String> settings = new HashMap<>(started.quarkusSettings());
            settings.putAll(EmbeddedServers.redisSettings());
            settings.put("quarkus.datasource.reactive.url", "postgresql://127.0.0.1:" + way.port() + "/postgres");
            settings.put("lockgate.postgres.timeout", "1s");
            settings.put("lockgate.postgres.dead-after", "3s");
            return settings;
        }

        /** A type of the JDK, which is the same class to every class loader. */
        @Override
        public void inject(Object test) {
            FlakyProxy way = Objects.requireNonNull(proxy);
            Consumer<String> network = how -> {
                switch (how) {
                    case "refuse" -> way.refuse();
                    case "swallow" -> way.swallow();
                    default -> way.restore();
                }
            };
            try {
                test.getClass().getDeclaredField("network").set(test, network);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void stop() {
            if (proxy != null) {
                proxy.close();
            }
            if (server != null) {
                server.close();
            }
        }
    }
}
