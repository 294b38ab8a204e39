package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.Background;
import io.lockgate.testing.EventReader;
import io.lockgate.testing.EventReader.Event;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** docs/api-files.md, "Events". Each test has a file and users of its own. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class RangeEventsTest {
    private static final String EVENTS = "/v1/files/locks/events";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TestHTTPResource("/")
    URI base;

    private final List<EventReader> readers = new ArrayList<>();
    private RawHttp http;
    private Accounts accounts;
    private String alice;
    private String bob;
    private String reader;
    private String file;
    private String locks;

    @BeforeEach
    void newFile() {
        http = new RawHttp(base);
        accounts = new Accounts(http);
        alice = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        bob = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        reader = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_READ"));
        file = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        locks = "/v1/files/" + file + "/locks/nlm/byte-range/";
    }

    @AfterEach
    void close() {
        readers.forEach(EventReader::close);
    }

    // ------------------------------------------------------------------------------------------------- what is told

    @Test
    @DisplayName("A reader hears of a file what is granted, queued, released and expired, in order, and no token")
    void everything() {
        EventReader all = follow("?file_id=" + file, reader);
        assertThat(all.header("content-type")).startsWith("text/event-stream");
        assertThat(all.header("cache-control")).isEqualTo("no-store");
        JsonNode held = expect(200, acquire(alice, "a", 0, 10, "owner_name", "m1"));
        CompletableFuture<Answer> bobs = Background.run(
                () -> http.post(locks, JsonText.with(lock("b", 5, 10), "wait_ms", 60_000, "lease_ms", 1_000), bob));
        heard(all, "granted", "queued");
        release(alice, "a", 0, 10);
        JsonNode provisional = expect(200, bobs.join());
        heard(all, "granted", "queued", "released", "granted");
        expect(
                200,
                http.post(
                        "/v1/files/locks/nlm/grants/"
                                + provisional.get("grant_id").textValue() + "/renew",
                        "{}",
                        bob));
        heard(all, "granted", "queued", "released", "granted", "granted", "expired");

        JsonNode granted = all.events().getFirst().data();
        assertThat(granted.get("protocol").textValue()).isEqualTo("nlm");
        assertThat(granted.get("file_id").textValue()).isEqualTo(file);
        assertThat(granted.get("offset").textValue()).isEqualTo("0");
        assertThat(granted.get("size").textValue()).isEqualTo("10");
        assertThat(granted.get("mode").get(0).textValue()).endsWith("EXCLUSIVE");
        assertThat(granted.get("owner_id").textValue()).isEqualTo("a");
        assertThat(granted.get("owner_name").textValue()).isEqualTo("m1");
        assertThat(granted.get("grant_id")).isEqualTo(held.get("grant_id"));
        assertThat(granted.get("provisional").booleanValue()).isFalse();
        assertThat(granted.get("at").textValue()).startsWith("20").endsWith("Z");
        JsonNode queued = all.events().get(1).data();
        assertThat(queued.get("waiting").booleanValue()).isTrue();
        assertThat(queued.has("grant_id")).isFalse();
        assertThat(queued.get("waiter_id").textValue()).isNotEmpty();
        JsonNode first = all.events().get(3).data();
        assertThat(first.get("provisional").booleanValue()).isTrue();
        assertThat(first.get("confirm_within_ms").longValue()).isBetween(1L, 5_000L);
        assertThat(first.get("waiter_id")).isEqualTo(queued.get("waiter_id"));
        JsonNode confirmed = all.events().get(4).data();
        assertThat(confirmed.get("provisional").booleanValue()).isFalse();
        assertThat(confirmed.get("waiter_id")).isEqualTo(queued.get("waiter_id"));
        assertThat(confirmed.get("expires_in_ms").longValue()).isBetween(1L, 1_000L);
        assertThat(all.events())
                .allMatch(event -> event.data().get("file_id").textValue().equals(file))
                .noneMatch(event -> event.data().has("fencing_token"));
        assertThat(all.events()).extracting(Event::id).doesNotHaveDuplicates().allMatch(id -> id.length() < 30);
    }

    @Test
    @DisplayName(
            "A stream without events shows by a comment that it lives: the second some 15 seconds behind the first")
    void lives() {
        EventReader quiet = follow("?file_id=" + file, reader);
        await().atMost(PATIENCE).until(() -> quiet.comments() == 1);
        await().atMost(Duration.ofSeconds(15).plus(PATIENCE)).until(() -> quiet.comments() == 2);
        assertThat(quiet.events()).isEmpty();
        assertThat(quiet.hasEnded()).isFalse();
    }

    @Test
    @DisplayName("Without the right to read a caller hears of its own locks alone, with their tokens")
    void ownLocks() {
        EventReader own = follow("?file_id=" + file, alice);
        EventReader mine = follow("?mine=true", alice);
        expect(200, acquire(bob, "b", 0, 10));
        JsonNode held = expect(200, acquire(alice, "a", 20, 10));
        for (EventReader one : List.of(own, mine)) {
            heard(one, "granted");
            JsonNode data = one.events().getFirst().data();
            assertThat(data.get("owner_id").textValue()).isEqualTo("a");
            assertThat(data.get("fencing_token")).isEqualTo(held.get("fencing_token"));
        }
    }

    @Test
    @DisplayName("Filters by owner, address, session, snapshot and machine name each tell what matches")
    void filters() {
        JsonNode session = expect(201, http.post("/v1/files/locks/sessions/", "{}", alice));
        String id = session.get("session_id").textValue();
        List<EventReader> filtered = new ArrayList<>();
        for (String filter : List.of(
                "&owner_id=a1",
                "&owner_name=m1",
                "&session_id=" + id,
                "&owner_address=127.0.0.1&owner_id=a1",
                "&snapshot=7")) {
            filtered.add(follow("?file_id=" + file + filter, reader));
        }
        EventReader none = follow("?file_id=" + file + "&owner_address=192.0.2.1", reader);
        EventReader all = follow("?file_id=" + file, reader);
        expect(200, acquire(alice, "a1", 0, 10));
        expect(200, acquire(alice, "a2", 20, 10, "owner_name", "m1"));
        expect(200, acquire(alice, "a3", 40, 10, "session_id", id));
        expect(200, acquire(alice, "a4", 60, 10, "snapshot_id", "7"));
        heard(all, "granted", "granted", "granted", "granted");
        List<String> owners = List.of("a1", "a2", "a3", "a1", "a4");
        for (int i = 0; i < owners.size(); i++) {
            heard(filtered.get(i), "granted");
            assertThat(filtered.get(i)
                            .events()
                            .getFirst()
                            .data()
                            .get("owner_id")
                            .textValue())
                    .isEqualTo(owners.get(i));
        }
        assertThat(none.events()).isEmpty();
        http.delete("/v1/files/locks/sessions/" + id, alice);
        heard(filtered.get(2), "granted", "released");
    }

    @Test
    @DisplayName("A file may be named by its path, and a scope holds for calls that name it so")
    void byPath() {
        String path = "/events/" + UUID.randomUUID();
        String encoded = path.replace("/", "%2F");
        assertThat(follow("?path=" + encoded, reader).status()).isEqualTo(404);
        expect(200, http.post("/v1/files/" + encoded + "/locks/nlm/byte-range/", lock("a", 0, 10), alice));
        String scoped = accounts.bearer(accounts.make(Accounts.scoped("PRIVILEGE_FS_LOCK_READ", "/events")));
        EventReader events = follow("?path=" + encoded, scoped);
        assertThat(events.status()).isEqualTo(200);
        expect(200, http.post("/v1/files/" + encoded + "/locks/nlm/byte-range/", lock("a", 50, 10), alice));
        heard(events, "granted");
        assertThat(events.events().getFirst().data().get("owner_id").textValue())
                .isEqualTo("a");
        assertThat(follow("", scoped).status()).isEqualTo(403);
        assertThat(follow("?path=%2Fother", scoped).status()).isEqualTo(403);
        assertThat(follow("?path=" + encoded, reader, "Last-Event-ID: " + events.lastId())
                        .status())
                .isEqualTo(200);
    }

    @Test
    @DisplayName("A stream of all files hears of each, whatever its bucket, and its position names all")
    void allFiles() {
        EventReader all = follow("", reader);
        await().until(() -> !all.lastId().isEmpty());
        List<String> files = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String other = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
            files.add(other);
            expect(200, http.post("/v1/files/" + other + "/locks/smb/byte-range/", lock("a", 0, 10), alice));
        }
        await().atMost(PATIENCE).until(() -> filesOf(all).containsAll(files));
        assertThat(all.lastId().length()).isLessThanOrEqualTo(1_024);
        all.close();
        String later = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        expect(200, http.post("/v1/files/" + later + "/locks/nfs4/byte-range/", lock("a", 0, 10), alice));
        EventReader again = follow("", reader, "Last-Event-ID: " + all.lastId());
        await().atMost(PATIENCE).until(() -> filesOf(again).contains(later));
        assertThat(filesOf(again)).doesNotContainAnyElementsOf(files);
    }

    private static List<String> filesOf(EventReader events) {
        return events.events().stream()
                .map(event -> event.data().path("file_id").asText())
                .toList();
    }

    // ------------------------------------------------------------------------------------------------- resuming

    @Test
    @DisplayName(
            "A client goes on where it was, also when it has heard nothing, misses nothing and hears nothing twice")
    void goesOn() {
        EventReader first = follow("?file_id=" + file, reader);
        await().until(() -> !first.lastId().isEmpty());
        String begin = first.lastId();
        expect(200, acquire(alice, "a", 0, 10));
        heard(first, "granted");
        first.close();
        release(alice, "a", 0, 10);
        expect(200, acquire(bob, "b", 0, 10));
        EventReader second = follow("?file_id=" + file, reader, "Last-Event-ID: " + first.lastId());
        heard(second, "released", "granted");
        release(bob, "b", 0, 10);
        heard(second, "released", "granted", "released");
        heard(
                follow("?file_id=" + file, reader, "Last-Event-ID: " + begin),
                "granted",
                "released",
                "granted",
                "released");
    }

    @Test
    @DisplayName("What a client did while its stream was opened is in its list or in its stream")
    void listsBehindTheHead() {
        for (int i = 0; i < 20; i++) {
            int offset = 10 * i;
            CompletableFuture<Integer> acquired = Background.run(
                    () -> acquire(alice, "a" + offset, offset, 10).status());
            EventReader events = follow("?file_id=" + file + "&owner_id=a" + offset, reader);
            JsonNode list =
                    http.get(locks + "?owner_id=a" + offset, reader).json().get("grants");
            assertThat(acquired.join()).isEqualTo(200);
            if (list.isEmpty()) {
                heard(events, "granted");
            }
            events.close();
        }
    }

    @Test
    @DisplayName("A position that the history does not have is told as a gap, and the stream goes on")
    void gap() {
        EventReader first = follow("?file_id=" + file, reader);
        await().until(() -> !first.lastId().isEmpty());
        String bucket = first.lastId().split(":", 2)[0];
        EventReader second = follow("?file_id=" + file, reader, "Last-Event-ID: " + bucket + ":2");
        await().atMost(PATIENCE).until(() -> !second.events().isEmpty());
        assertThat(second.types()).containsExactly("gap");
        assertThat(second.events().getFirst().data()).isEmpty();
        expect(200, acquire(alice, "a", 0, 10));
        heard(second, "gap", "granted");
    }

    // ------------------------------------------------------------------------------------------------- refusals

    @Test
    @DisplayName(
            "What is malformed is 400 and named, also the position of another stream; nobody without a permission listens")
    void refused() {
        EventReader other = follow("?file_id=" + file, reader);
        await().until(() -> !other.lastId().isEmpty());
        refused(400, "file_id", follow("?file_id=x", reader));
        refused(400, "file_id", follow("?file_id=%2Fa", reader));
        refused(400, "path", follow("?path=4711", reader));
        refused(400, "path", follow("?path=%2Fa&file_id=1", reader));
        refused(400, "snapshot", follow("?snapshot=7", reader));
        refused(400, "session_id", follow("?session_id=x", reader));
        refused(400, "owner_address", follow("?owner_address=x", reader));
        refused(400, "mine", follow("?mine=maybe", reader));
        refused(400, "Last-Event-ID", follow("?file_id=" + file, reader, "Last-Event-ID: x"));
        refused(400, "Last-Event-ID", follow("", reader, "Last-Event-ID: " + other.lastId()));
        refused(403, "", follow("", accounts.bearer(accounts.make("edit-course"))));
        assertThat(follow("/?file_id=" + file, reader).status()).isEqualTo(200);
        assertThat(EventReader.open(base.resolve("/api" + EVENTS + "?mine=true"), alice)
                        .status())
                .isEqualTo(200);
    }

    private void refused(int status, String field, EventReader answer) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("content-type")).startsWith("application/json");
        assertThat(answer.body()).contains("\"error_class\"").contains(field);
    }

    @Test
    @DisplayName("A user has at most 16 streams, and one that was closed makes place")
    void atMostSixteen() {
        List<EventReader> open = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            open.add(follow("?file_id=" + file, alice));
        }
        assertThat(open).extracting(EventReader::status).containsOnly(200);
        EventReader refused = follow("?file_id=" + file, alice);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("retry-after")).isNotEmpty();
        assertThat(follow("?file_id=" + file, bob).status()).isEqualTo(200);
        open.getFirst().close();
        await().atMost(PATIENCE).until(() -> follow("?file_id=" + file, alice).status() == 200);
    }

    @Test
    @DisplayName("A call that was refused because of its position keeps no place of a stream")
    void refusedKeepsNoPlace() {
        for (int i = 0; i < 20; i++) {
            assertThat(follow("?file_id=" + file, alice, "Last-Event-ID: 9999:1")
                            .status())
                    .isEqualTo(400);
        }
        assertThat(follow("?file_id=" + file, alice).status()).isEqualTo(200);
    }

    @Test
    @DisplayName("A stream ends when its permission is taken, and when less may be seen than at its beginning")
    void endsWithItsPermission() {
        Accounts.Account carl = accounts.make("PRIVILEGE_FS_LOCK_READ", "PRIVILEGE_FS_LOCK_ACQUIRE");
        EventReader all = follow("?file_id=" + file, accounts.bearer(carl));
        Accounts.Account dora = accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE");
        EventReader own = follow("?file_id=" + file, accounts.bearer(dora));
        assertThat(all.status()).isEqualTo(200);
        permit(carl, "[\"PRIVILEGE_FS_LOCK_ACQUIRE\"]");
        permit(dora, "[]");
        await().atMost(PATIENCE).until(() -> all.hasEnded() && own.hasEnded());
    }

    private void permit(Accounts.Account account, String permissions) {
        String body = "{\"permissions\":" + permissions + "}";
        assertThat(http.send(
                                "PATCH",
                                "/admin/users/" + account.id(),
                                body.getBytes(StandardCharsets.UTF_8),
                                "Content-Type: application/json")
                        .status())
                .isEqualTo(200);
    }

    @Test
    @DisplayName("A client that does not read is dropped, while another hears everything")
    void slowConsumer() throws Exception {
        try (Socket slow = new Socket()) {
            slow.setReceiveBufferSize(4_096);
            slow.connect(new InetSocketAddress(base.getHost(), base.getPort()));
            slow.setSoTimeout((int) PATIENCE.toMillis());
            slow.getOutputStream()
                    .write(("GET " + EVENTS + "?file_id=" + file + " HTTP/1.1\r\nHost: a\r\n" + alice + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            EventReader other = follow("?file_id=" + file, alice);
            int told = 0;
            for (int i = 0; i < 100; i++) {
                expect(200, http.post(locks + "batch", manyLocks(i), alice));
                told += 100;
                int wanted = told;
                await().atMost(PATIENCE).until(() -> other.events().size() == wanted);
            }
            assertThat(other.types()).containsOnly("granted");
            TimeUnit.SECONDS.sleep(7);
            String rest = readToTheEnd(slow);
            assertThat(rest).contains("event: granted").doesNotEndWith("0\r\n\r\n");
            assertThat(rest.split("event: ", -1)).hasSizeLessThan(told);
        }
    }

    private static String manyLocks(int batch) {
        List<JsonText.Raw> asked = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            asked.add(JsonText.raw(lock("x".repeat(200) + batch, 1_000L * batch + 10L * i, 5)));
        }
        return JsonText.object("locks", asked);
    }

    private static String readToTheEnd(Socket socket) throws IOException {
        StringBuilder all = new StringBuilder();
        byte[] part = new byte[1 << 16];
        try {
            for (int n = socket.getInputStream().read(part);
                    n >= 0;
                    n = socket.getInputStream().read(part)) {
                all.append(new String(part, 0, n, StandardCharsets.US_ASCII));
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the stream goes on", e);
        } catch (IOException e) {
            // Cut off.
        }
        return all.toString();
    }

    // ------------------------------------------------------------------------------------------------- helpers

    private EventReader follow(String query, String... headers) {
        EventReader events = EventReader.open(base.resolve(EVENTS + query), headers);
        readers.add(events);
        return events;
    }

    private static void heard(EventReader events, String... types) {
        await().atMost(PATIENCE).until(() -> events.events().size() >= types.length);
        assertThat(events.types()).containsExactly(types);
    }

    private static String lock(String owner, long offset, long size) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                Long.toString(offset),
                "size",
                Long.toString(size),
                "owner_id",
                owner);
    }

    private Answer acquire(String caller, String owner, long offset, long size, Object... more) {
        return http.post(locks, JsonText.with(lock(owner, offset, size), more), caller);
    }

    private void release(String caller, String owner, long offset, long size) {
        assertThat(http.delete(locks + "?offset=" + offset + "&size=" + size + "&owner_id=" + owner, caller)
                        .status())
                .isEqualTo(200);
    }

    private static JsonNode expect(int status, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer.json();
    }
}
