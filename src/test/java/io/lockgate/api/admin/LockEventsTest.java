package io.lockgate.api.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.agroal.api.AgroalDataSource;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.Background;
import io.lockgate.testing.EventReader;
import io.lockgate.testing.EventReader.Event;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.Servers;
import io.lockgate.testing.Users;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** docs/api-admin.md, "Events". Each test has a route and a course of its own. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class LockEventsTest {
    private static final String JSON = "Content-Type: application/json";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TestHTTPResource("/")
    URI base;

    @Inject
    AgroalDataSource database;

    @Inject
    MeterRegistry meters;

    private final List<EventReader> readers = new ArrayList<>();
    private RawHttp http;
    private String route;
    private Accounts accounts;
    private Accounts.Account annie;
    private String ann;
    private String bob;

    @BeforeEach
    void makeUsers() {
        http = new RawHttp(base);
        route = "r" + UUID.randomUUID();
        accounts = new Accounts(http);
        annie = accounts.make("manage-locks", "force-locks");
        ann = accounts.bearer(annie);
        bob = accounts.bearer(accounts.make("manage-locks"));
    }

    @AfterEach
    void close() {
        readers.forEach(EventReader::close);
    }

    @Test
    @DisplayName(
            "A route lock tells that it was granted, queued for, released, granted to the next, and broken, in order")
    void routeLocks() {
        EventReader reader = follow("?route=" + route, ann);
        assertThat(reader.header("content-type")).startsWith("text/event-stream");
        lock(ann);
        CompletableFuture<Integer> bobs =
                Background.run(() -> http.post("/admin/lock", JsonText.with(body(), "wait_ms", 20_000), bob)
                        .status());
        await().until(() -> reader.types().contains("queued"));
        unlock(ann);
        assertThat(bobs.join()).isEqualTo(200);
        lock(bob);
        assertThat(http.delete("/admin/locks/" + route + "/1?force=true&reason=x", ann)
                        .status())
                .isEqualTo(200);
        heard(reader, "granted", "queued", "released", "granted", "broken");
        JsonNode data = reader.events().getFirst().data();
        assertThat(data.get("kind").textValue()).isEqualTo("route");
        assertThat(data.get("route").textValue()).isEqualTo(route);
        assertThat(data.get("id").textValue()).isEqualTo("1");
        assertThat(data.at("/user/id").textValue()).isEqualTo(annie.id());
        assertThat(data.at("/user/username").textValue()).isEqualTo(annie.name());
        assertThat(data.get("at").textValue()).startsWith("20").endsWith("Z");
        assertThat(data.has("lockId")).isFalse();
        List<Long> ids = reader.events().stream()
                .map(event -> Long.parseLong(event.id()))
                .toList();
        assertThat(ids).isSorted().doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("A course lock tells the same, and when it has expired")
    void courseLocks() {
        Accounts.Account editor = accounts.make("edit-course", "manage-catalog");
        String sid = accounts.sid(editor);
        String course = "c" + UUID.randomUUID().toString().replace("-", "");
        http.send("PUT", "/courses/" + course, new byte[0], sid);
        http.send("PUT", "/courses/" + course + "/gadgets/g", new byte[0], sid);
        EventReader reader = follow("", ann);
        String request =
                JsonText.object("type", "gadget", "subject", JsonText.nested("courseId", course, "gadgetId", "g"));
        String id = http.post("/locks", request, sid).json().get("id").textValue();
        assertThat(http.post("/locks", request, sid).status())
                .as("a renewal tells nothing")
                .isEqualTo(201);
        Users.execute(database, "UPDATE course_locks SET expires_at = now() WHERE id = " + id);
        await().atMost(PATIENCE).until(() -> of(reader, course).size() == 2);
        assertThat(of(reader, course)).extracting(Event::type).containsExactly("granted", "expired");
        JsonNode data = of(reader, course).getLast().data();
        assertThat(data.get("kind").textValue()).isEqualTo("course");
        assertThat(data.get("gadgetId").textValue()).isEqualTo("g");
        assertThat(data.get("lockId").textValue()).isEqualTo(id);
        assertThat(data.at("/user/id").textValue()).isEqualTo(editor.id());
    }

    @Test
    @DisplayName("A client goes on where it was, misses nothing and hears nothing twice")
    void goesOn() {
        EventReader first = follow("?route=" + route, ann);
        await().until(() -> !first.lastId().isEmpty());
        lock(ann);
        heard(first, "granted");
        first.close();
        unlock(ann);
        lock(bob);
        EventReader second = follow("?route=" + route, ann, "Last-Event-ID: " + first.lastId());
        heard(second, "released", "granted");
        unlock(bob);
        heard(second, "released", "granted", "released");
    }

    @Test
    @DisplayName("What was heard of no event can be gone on from too: a stream names its position when it begins")
    void positionAtTheBeginning() {
        EventReader first = follow("?route=" + route, ann);
        await().until(() -> !first.lastId().isEmpty());
        first.close();
        lock(ann);
        heard(follow("?route=" + route, ann, "Last-Event-ID: " + first.lastId()), "granted");
    }

    @Test
    @DisplayName("What the history no longer has, and what it never had, is told by a gap, and the stream goes on")
    void gap() {
        lock(ann);
        long last = Users.number(database, "SELECT max(id) FROM lock_events");
        Users.execute(
                database,
                "DELETE FROM lock_events WHERE id <= " + last + "; UPDATE lock_event_history SET pruned = " + last);
        unlock(ann);
        for (String id : List.of(Long.toString(last - 1), "999999999999999999")) {
            EventReader reader = follow("?route=" + route, ann, "Last-Event-ID: " + id);
            await().atMost(PATIENCE).until(() -> reader.types().contains("gap"));
            assertThat(reader.types().getFirst()).isEqualTo("gap");
            lock(ann);
            await().atMost(PATIENCE).until(() -> reader.types().getLast().equals("granted"));
            unlock(ann);
        }
    }

    @Test
    @DisplayName("Without manage-locks there is no stream; with a scope only that route's, and no course's")
    void rights() {
        String scoped = accounts.bearer(accounts.make(Accounts.scoped("manage-locks", route)));
        assertThat(follow("", accounts.bearer(accounts.make("edit-course"))).status())
                .isEqualTo(403);
        assertThat(follow("?route=other", scoped).status()).isEqualTo(403);
        assertThat(follow("", ann, "Last-Event-ID: 1x").status()).isEqualTo(400);
        EventReader reader = follow("", scoped);
        assertThat(http.post("/admin/lock", JsonText.object("route", "other" + route, "id", "1"), ann)
                        .status())
                .isEqualTo(200);
        lock(ann);
        heard(reader, "granted");
        assertThat(reader.events().getFirst().data().get("route").textValue()).isEqualTo(route);
    }

    @Test
    @DisplayName("A user has at most 16 streams, others are not affected, and one that was closed makes place")
    void atMostSixteen() {
        String scoped = accounts.bearer(accounts.make("manage-locks"));
        List<EventReader> open = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            open.add(follow("", scoped));
        }
        assertThat(open).extracting(EventReader::status).containsOnly(200);
        EventReader refused = follow("", scoped);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("retry-after")).isNotEmpty();
        assertThat(follow("", ann).status()).isEqualTo(200);
        open.getFirst().close();
        await().atMost(PATIENCE).until(() -> follow("", scoped).status() == 200);
    }

    @Test
    @DisplayName("A stream ends when its token is revoked or its permission is taken")
    void endsWithItsCredential() {
        Accounts.Account carl = accounts.make("manage-locks");
        JsonNode token = accounts.made(carl.name(), "bearer");
        EventReader byToken =
                follow("", "Authorization: Bearer " + token.get("token").textValue());
        Accounts.Account dora = accounts.make("manage-locks");
        EventReader byPermission = follow("", accounts.bearer(dora));
        assertThat(byToken.status()).isEqualTo(200);
        http.delete("/admin/tokens/" + token.get("id").asText());
        http.send("PATCH", "/admin/users/" + dora.id(), "{\"permissions\":[]}".getBytes(StandardCharsets.UTF_8), JSON);
        await().atMost(PATIENCE).until(() -> byToken.hasEnded() && byPermission.hasEnded());
    }

    @Test
    @DisplayName(
            "Eight users who lock and unlock at once: a stream hears each change once, the changes of a lock in order")
    void missesNothing() {
        EventReader reader = follow("?route=" + route, ann);
        await().until(() -> !reader.lastId().isEmpty());
        List<CompletableFuture<Void>> users = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String caller = accounts.bearer(accounts.make("manage-locks"));
            String id = Integer.toString(i % 4);
            users.add(Background.run(() -> {
                String body = JsonText.object("route", route, "id", id);
                for (int round = 0; round < 40; round++) {
                    if (http.post("/admin/lock", body, caller).status() == 200) {
                        http.send("DELETE", "/admin/remove-lock", body.getBytes(StandardCharsets.UTF_8), JSON, caller);
                    }
                }
                return null;
            }));
        }
        users.forEach(CompletableFuture::join);
        long written = Users.number(database, "SELECT count(*) FROM lock_events WHERE scope = '" + route + "'");
        await().atMost(PATIENCE).until(() -> reader.events().size() == written);
        assertThat(written).isGreaterThan(160);
        assertThat(reader.events()).extracting(Event::id).doesNotHaveDuplicates();
        for (int i = 0; i < 4; i++) {
            String id = Integer.toString(i);
            List<String> types = reader.events().stream()
                    .filter(event -> event.data().get("id").textValue().equals(id))
                    .map(Event::type)
                    .toList();
            for (int j = 0; j < types.size(); j++) {
                assertThat(types.get(j)).isEqualTo(j % 2 == 0 ? "granted" : "released");
            }
        }
    }

    @Test
    @DisplayName("A change whose transaction ends late is told all the same, before what was drawn behind it")
    void lateTransaction() throws Exception {
        EventReader reader = follow("?route=" + route, ann);
        await().until(() -> !reader.lastId().isEmpty());
        try (Connection late = database.getConnection()) {
            late.setAutoCommit(false);
            try (var statement = late.createStatement()) {
                statement.execute("INSERT INTO route_locks (route, id, holder) VALUES ('" + route + "', 'late', "
                        + annie.id() + ")");
            }
            lock(ann);
            Thread.sleep(700);
            assertThat(reader.events()).isEmpty();
            late.commit();
            late.setAutoCommit(true);
        }
        await().atMost(PATIENCE).until(() -> reader.events().size() == 2);
        assertThat(reader.events())
                .extracting(event -> event.data().get("id").textValue())
                .containsExactly("late", "1");
    }

    @Test
    @DisplayName("A client that does not read is dropped and counted, while another hears everything")
    void slowConsumer() throws Exception {
        double before = meters.get("lockgate.events.dropped").counter().count();
        try (Socket slow = new Socket()) {
            slow.setReceiveBufferSize(4_096);
            slow.connect(new InetSocketAddress(base.getHost(), base.getPort()));
            slow.getOutputStream()
                    .write(("GET /admin/locks/events HTTP/1.1\r\nHost: a\r\n" + ann + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            EventReader reader = follow("", ann);
            await().until(() -> !reader.lastId().isEmpty());
            Users.execute(
                    database,
                    "INSERT INTO lock_events (event, kind, scope, name, subject) SELECT 'granted', 'route', '" + route
                            + "', repeat('x', 200), 1 FROM generate_series(1, 20000)");
            await().atMost(PATIENCE).until(() -> of(reader, route).size() == 20_000);
            await().atMost(PATIENCE)
                    .until(() -> meters.get("lockgate.events.dropped").counter().count() > before);
        }
    }

    private static List<Event> of(EventReader reader, String scope) {
        return reader.events().stream()
                .filter(event -> event.data().path("route").asText().equals(scope)
                        || event.data().path("courseId").asText().equals(scope))
                .toList();
    }

    private static void heard(EventReader reader, String... types) {
        await().atMost(PATIENCE).until(() -> reader.events().size() >= types.length);
        assertThat(reader.types()).containsExactly(types);
    }

    private EventReader follow(String query, String... headers) {
        EventReader reader = EventReader.open(base.resolve("/admin/locks/events" + query), headers);
        readers.add(reader);
        return reader;
    }

    private void lock(String caller) {
        assertThat(http.post("/admin/lock", body(), caller).status()).isEqualTo(200);
    }

    private void unlock(String caller) {
        assertThat(http.send("DELETE", "/admin/remove-lock", body().getBytes(StandardCharsets.UTF_8), JSON, caller)
                        .status())
                .isEqualTo(200);
    }

    private String body() {
        return JsonText.object("route", route, "id", "1");
    }
}
