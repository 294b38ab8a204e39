package io.lockgate.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp2;
import io.lockgate.testing.Servers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What strangers make up is no label. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class MetersTest {
    /** Stands in everything made up here. */
    private static final String MARK = "zqx";

    private static final List<String> PLACES = List.of(
            "/",
            "/v1/",
            "/v1/files/",
            "/v1/files/5/locks/nlm/byte-range/",
            "/data/",
            "/api/v3/oneprovider/data/",
            "/admin/",
            "/auth/",
            "/locks/",
            "/sessions/",
            "/courses/",
            "/q/");

    /** Of one name: about sixty resources, with a few methods and statuses each. */
    private static final int MOST_OF_ONE_NAME = 400;

    private static final int MOST = 1_500;

    @TestHTTPResource("/")
    URI base;

    @Inject
    MeterRegistry meters;

    private final Random random = new Random(10);

    private String name() {
        return MARK + Long.toString(random.nextLong(Long.MAX_VALUE), 36);
    }

    private String path() {
        return PLACES.get(random.nextInt(PLACES.size())) + name();
    }

    @Test
    @DisplayName("Thousands of made-up methods, paths, headers, users and owners create no meters")
    void madeUpNames() throws Exception {
        // Each resource's own meters are made by right.
        fuzz(40);
        int before = remembered(meters);
        fuzz(400);
        resets();
        assertThat(remembered(meters)).as("ids that Micrometer keeps").isLessThan(before + 400);

        Map<String, Long> byName = meters.getMeters().stream()
                .collect(Collectors.groupingBy(m -> m.getId().getName(), Collectors.counting()));
        assertThat(byName.values()).allMatch(count -> count < MOST_OF_ONE_NAME);
        assertThat(meters.getMeters()).hasSizeLessThan(MOST);
        assertThat(meters.getMeters())
                .filteredOn(meter -> meter.getId().getTags().stream()
                        .anyMatch(tag -> tag.getValue().toLowerCase(Locale.ROOT).contains(MARK)))
                .isEmpty();
        assertThat(meters.find("http.server.requests").tag("method", "OTHER").timers())
                .as("they are counted all the same")
                .isNotEmpty();
        assertThat(meters.find("http.server.requests").tag("uri", "/v1/version").timers())
                .as("and so are good calls after them")
                .isNotEmpty();
    }

    private void fuzz(int count) throws IOException {
        for (int round = 0; round < 4; round++) {
            http1(count);
            http2(count);
        }
        RawHttp http = new RawHttp(base);
        for (int i = 0; i < count / 4; i++) {
            http.login(name(), "x");
            http.get("/v1/files/" + name() + "/locks/" + name() + "/byte-range/");
        }
        String file = "/v1/files/%2F" + MARK + "%2F";
        for (int i = 0; i < count / 4; i++) {
            http.post(
                    file + name() + "/locks/nlm/byte-range/",
                    JsonText.object(
                            "mode",
                            List.of("API_BYTE_RANGE_EXCLUSIVE"),
                            "offset",
                            "0",
                            "size",
                            "1",
                            "lease_ms",
                            1000,
                            "owner_id",
                            name(),
                            "owner_name",
                            name()));
        }
        http.get("/v1/version");
    }

    private void http1(int count) throws IOException {
        int left = count;
        while (left > 0) {
            try (RawHttp.Connection connection = RawHttp.anonymous(base).connect()) {
                while (left > 0) {
                    left--;
                    String method = left % 3 == 0 ? "GET" : name().toUpperCase(Locale.ROOT);
                    connection.write(method + " " + path() + "?" + name() + "=" + name() + " HTTP/1.1\r\nHost: "
                            + base.getHost() + ":" + base.getPort() + "\r\n" + name() + ": " + name()
                            + "\r\nAuthorization: Bearer " + name() + "\r\nOrigin: http://" + name()
                            + "\r\nAccess-Control-Request-Method: " + name() + "\r\n\r\n");
                    connection.read(method);
                }
            } catch (EOFException | SocketException closed) {
                // The next on a connection of its own.
            }
        }
    }

    private void http2(int count) throws IOException {
        int left = count;
        while (left > 0) {
            try (RawHttp2 connection = new RawHttp2(base)) {
                while (left > 0) {
                    left--;
                    connection.send(
                            left % 3 == 0 ? "OPTIONS" : name(),
                            path(),
                            null,
                            name() + ": " + name(),
                            "cookie: refreshToken=" + name());
                }
            } catch (EOFException | SocketException closed) {
                // The next on a connection of its own.
            }
        }
    }

    /** Clients that go away before their answer: Quarkus counts them elsewhere. */
    private void resets() throws IOException {
        for (int i = 0; i < 50; i++) {
            try (RawHttp2 connection = new RawHttp2(base)) {
                List<Integer> streams = new ArrayList<>();
                for (int j = 0; j < 8; j++) {
                    streams.add(connection.begin(
                            j % 2 == 0 ? name() : "POST",
                            j % 3 == 0 ? "/v1/session/login" : path(),
                            null,
                            "content-length: 5"));
                }
                for (int stream : streams) {
                    connection.reset(stream);
                }
                connection.send("GET", "/v1/version", null);
            } catch (EOFException | SocketException closed) {
                // Too many taken back, for all the server knows.
            }
            try (RawHttp.Connection connection = RawHttp.anonymous(base).connect()) {
                connection.write((name() + " " + path() + " HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab")
                        .getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    /** All ids that are kept, in all registries; those before filters too. */
    private static int remembered(MeterRegistry registry) throws ReflectiveOperationException {
        int all = 0;
        for (String map : List.of("preFilterIdToMeterMap", "meterMap")) {
            Field field = MeterRegistry.class.getDeclaredField(map);
            field.setAccessible(true);
            all += ((Map<?, ?>) field.get(registry)).size();
        }
        if (registry instanceof CompositeMeterRegistry composite) {
            for (MeterRegistry part : composite.getRegistries()) {
                all += remembered(part);
            }
        }
        return all;
    }

    @Test
    @DisplayName("A metric stops growing at its limit, whatever its labels come from")
    void bounds() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        registry.config().meterFilter(new BoundedMeters());
        for (int i = 0; i < 3 * BoundedMeters.MAX_METERS; i++) {
            registry.counter("one", "label", "v" + i).increment();
        }
        registry.counter("long", "label", "v".repeat(BoundedMeters.MAX_VALUE + 1))
                .increment();
        for (int i = 0; i < 2 * BoundedMeters.MAX_NAMES; i++) {
            registry.counter("name" + i).increment();
        }
        registry.counter("http.server.requests", "method", "MADEUP").increment();
        registry.counter("one", "label", "v1").increment();

        List<Meter> made = registry.getMeters();
        assertThat(made).filteredOn(m -> m.getId().getName().equals("one")).hasSize(BoundedMeters.MAX_METERS);
        assertThat(made).filteredOn(m -> m.getId().getName().equals("long")).isEmpty();
        assertThat(made)
                .filteredOn(m -> m.getId().getName().equals("http.server.requests"))
                .isEmpty();
        assertThat(made).hasSizeLessThan(BoundedMeters.MAX_METERS + BoundedMeters.MAX_NAMES);
        Counter kept = registry.find("one").tag("label", "v1").counter();
        assertThat(kept == null ? 0 : kept.count())
                .as("those made before go on")
                .isEqualTo(2);
    }

    @Test
    @DisplayName("Outcomes beyond the limit are counted together")
    void outcomes() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Timers timers = new Timers(registry, "x");
        for (int i = 0; i < 5_000; i++) {
            timers.record("some", "tag", "value", "outcome" + i, 1);
        }
        assertThat(registry.find("some").timers()).hasSize(501);
        assertThat(registry.get("some").tag("outcome", "other").timer().count()).isEqualTo(4_500);
    }
}
