package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.Background;
import io.lockgate.testing.GatewayProcess;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.Leaver;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Byte-range locks that wait at two gateways on one Redis, and what becomes of the queue when one of them ends. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("smoke")
class WaitingGatewaysIT {
    private static final String WAITERS = "/v1/files/locks/waiters/";
    private static final int WAIT_MS = 120_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Waiters that die unpolled, a grant that nobody confirms, and what a busy machine may take longer. */
    private static final Duration BLOCKED_AT_MOST =
            LockQueue.POLL_WITHIN.plus(LockQueue.CONFIRM_WITHIN).plusSeconds(5);

    private final List<GatewayProcess> started = new ArrayList<>();
    private EmbeddedRedis redis;
    private EmbeddedPostgres postgres;
    private GatewayProcess staying;
    private String ann;
    private String bob;
    private String carl;
    private String reader;
    private int files;
    private String locks = "";

    @BeforeAll
    void start() {
        redis = EmbeddedRedis.start();
        postgres = EmbeddedPostgres.start();
        staying = gateway();
        Accounts accounts = new Accounts(new RawHttp(staying.uri()));
        ann = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        bob = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        carl = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        reader = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_READ"));
    }

    @AfterAll
    void stop() {
        started.forEach(GatewayProcess::close);
        redis.close();
        postgres.close();
    }

    @BeforeEach
    void freshFile() {
        files++;
        locks = "/v1/files/" + (1_000 + files) + "/locks/nlm/byte-range/";
    }

    private GatewayProcess gateway() {
        return gateway(Map.of());
    }

    private GatewayProcess gateway(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(postgres.quarkusSettings());
        settings.putAll(more);
        settings.put("quarkus.redis.hosts", redis.uri().toString());
        settings.put("lockgate.bootstrap.admin.username", "dev");
        settings.put("lockgate.bootstrap.admin.password", RawHttp.PASSWORD);
        GatewayProcess gateway = GatewayProcess.start(settings);
        started.add(gateway);
        return gateway;
    }

    @Test
    @DisplayName("A release at one gateway serves the call that waits at the other, and any gateway answers its polls")
    void servedByAnother() {
        try (GatewayProcess other = gateway()) {
            expect(200, acquire(staying, ann, lock("ann", 0)));
            CompletableFuture<Answer> bobs = waits(other, bob, lock("bob", 0));
            String waiter = waiters().getFirst();
            Answer polled = expect(202, poll(staying, bob, waiter, 0));
            assertThat(polled.json().get("waiter_id").textValue()).isEqualTo(waiter);
            assertThat(poll(staying, carl, waiter, 0).status()).isEqualTo(404);
            assertThat(bobs).isNotDone();
            long released = System.nanoTime();
            release(staying, ann, "ann", 0);
            JsonNode grant = expect(200, bobs.join()).json();
            System.out.printf(
                    "queue: served at the other gateway after %d ms%n", (System.nanoTime() - released) / 1_000_000);
            assertThat(expect(200, poll(staying, bob, waiter, 0)).json().get("grant_id"))
                    .isEqualTo(grant.get("grant_id"));
            expect(200, confirm(staying, bob, grant));
            CompletableFuture<Answer> carls = waits(other, carl, lock("carl", 0));
            release(other, bob, "bob", 0);
            expect(200, carls.join());
        }
    }

    @Test
    @DisplayName("Requests at two gateways that wait for each other: the last to come is refused, wherever it is held")
    void deadlock() {
        try (GatewayProcess other = gateway()) {
            String one = locks;
            freshFile();
            String two = locks;
            expect(200, acquire(staying, carl, lock("carl", 0)));
            CompletableFuture<Answer> bobs = waits(other, bob, lock("bob", 0));
            locks = one;
            expect(200, acquire(staying, ann, lock("ann", 0)));
            expect(200, acquire(other, bob, lock("bob", 100)));
            CompletableFuture<Answer> anns = waits(staying, ann, lock("ann", 100));
            CompletableFuture<Answer> carls = waits(staying, carl, lock("carl", 0));
            JsonNode deadlock = expect(409, carls.join()).json();
            assertThat(deadlock.get("error_class").textValue()).isEqualTo("fs_lock_deadlock_error");
            assertThat(deadlock.get("deadlock").get("length").intValue()).isEqualTo(3);
            assertThat(anns).isNotDone();
            assertThat(bobs).isNotDone();
            release(other, bob, "bob", 100);
            expect(200, confirm(staying, ann, expect(200, anns.join()).json()));
            locks = two;
            release(staying, carl, "carl", 0);
            expect(200, confirm(other, bob, expect(200, bobs.join()).json()));
        }
    }

    @Test
    @DisplayName("A SIGKILL loses no confirmed lock, and those behind its waiters are served within 35 seconds")
    void killed() {
        GatewayProcess dying = gateway();
        // Confirmed at the gateway that dies: one held, one from its queue.
        expect(200, acquire(dying, ann, lock("ann", 0)));
        expect(200, acquire(staying, carl, lock("carl", 100)));
        CompletableFuture<Answer> fromQueue = waits(dying, ann, lock("ann", 100));
        release(staying, carl, "carl", 100);
        JsonNode confirmed = expect(
                        200, confirm(dying, ann, expect(200, fromQueue.join()).json()))
                .json();
        // Several that wait there for one range, and another lock that is granted there and not confirmed.
        expect(200, acquire(staying, carl, lock("carl", 200)));
        List<CompletableFuture<Answer>> lost = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            lost.add(waits(dying, bob, lock("dead-" + i, 200)));
        }
        Leaver behind = new Leaver(staying.uri())
                .asks("POST", locks, JsonText.with(lock("behind", 200), "wait_ms", WAIT_MS), carl);
        await().atMost(PATIENCE).until(() -> waiters().size() == lost.size() + 1);
        String itsWaiter = waiters().getLast();
        release(staying, carl, "carl", 200);
        expect(200, lost.getFirst().join());

        long killed = System.nanoTime();
        dying.close();
        lost.stream()
                .skip(1)
                .forEach(call -> assertThat(call.handle((answer, failure) -> failure != null)
                                .join())
                        .isTrue());
        Answer answer = poll(staying, carl, itsWaiter, 10_000);
        while (answer.status() == 202) {
            answer = poll(staying, carl, itsWaiter, 10_000);
        }
        Duration blocked = Duration.ofNanos(System.nanoTime() - killed);
        System.out.printf("queue: blocked for %d ms by a gateway that was killed%n", blocked.toMillis());
        expect(200, confirm(staying, carl, expect(200, answer).json()));
        behind.close();
        assertThat(blocked).isLessThan(BLOCKED_AT_MOST);
        assertThat(waiters()).isEmpty();

        for (JsonNode grant : grants()) {
            assertThat(grant.get("owner_id").textValue()).isIn("ann", "behind");
        }
        assertThat(grants())
                .hasSize(3)
                .anySatisfy(grant -> assertThat(grant.get("grant_id")).isEqualTo(confirmed.get("grant_id")));
        assertThat(acquire(staying, bob, lock("bob", 0)).status()).isEqualTo(409);
        expect(200, confirm(staying, ann, confirmed));
    }

    @Test
    @DisplayName("A SIGTERM answers held calls with 202 before the end, and their clients poll on at another gateway")
    void terminated() {
        GatewayProcess stopping = gateway();
        expect(200, acquire(staying, ann, lock("ann", 0)));
        List<CompletableFuture<Answer>> calls =
                List.of(waits(stopping, bob, lock("bob", 0)), waits(stopping, carl, lock("carl", 0)));
        List<String> waiters = waiters();
        CompletableFuture<Answer> poll = Background.run(() -> poll(stopping, carl, waiters.getLast(), 15_000));
        long told = System.nanoTime();
        stopping.terminate();
        for (int i = 0; i < calls.size(); i++) {
            Answer answer = expect(202, calls.get(i).join());
            assertThat(answer.json().get("waiter_id").textValue()).isEqualTo(waiters.get(i));
            assertThat(answer.header("location")).contains(WAITERS + waiters.get(i));
        }
        expect(202, poll.join());
        assertThat(Duration.ofNanos(System.nanoTime() - told)).isLessThan(Duration.ofSeconds(10));
        CompletableFuture<Answer> elsewhere = Background.run(() -> poll(staying, bob, waiters.getFirst(), 15_000));
        assertThat(stopping.awaitEnd(PATIENCE)).isEqualTo(143);
        assertThat(stopping.output()).doesNotContain("ERROR", "\tat ");
        assertThat(waiters()).isEqualTo(waiters);
        release(staying, ann, "ann", 0);
        expect(200, confirm(staying, bob, expect(200, elsewhere.join()).json()));
        release(staying, bob, "bob", 0);
        expect(
                200,
                confirm(
                        staying,
                        carl,
                        expect(200, poll(staying, carl, waiters.getLast(), 0)).json()));
    }

    @Test
    @DisplayName(
            "A principal with too many waiters gets 429, others wait on, and all places of one that hangs up are free")
    void flood() {
        int limit = 20;
        try (GatewayProcess limited =
                gateway(Map.of("lockgate.limits.waiters-per-principal", Integer.toString(limit)))) {
            expect(200, acquire(limited, ann, lock("ann", 0)));
            List<Leaver> leavers = new ArrayList<>();
            for (int i = 0; i < limit; i++) {
                String body = JsonText.with(lock("bob-" + i, 0), "wait_ms", WAIT_MS);
                leavers.add(new Leaver(limited.uri()).asks("POST", locks, body, bob));
            }
            await().atMost(PATIENCE).until(() -> waiters().size() == limit);
            for (int i = 0; i < limit; i++) {
                Answer refused =
                        expect(429, acquire(limited, bob, JsonText.with(lock("more", i % 2), "wait_ms", WAIT_MS)));
                assertThat(refused.header("retry-after")).isPresent();
            }
            CompletableFuture<Answer> carls = waits(limited, carl, lock("carl", 0));
            expect(200, acquire(limited, bob, lock("bob", 1_000)));
            // Half of them in the moment of the grant.
            for (int i = 0; i < limit; i++) {
                if (i == limit / 2) {
                    release(limited, ann, "ann", 0);
                }
                leavers.get(i).breaksOff();
            }
            expect(200, confirm(limited, carl, expect(200, carls.join()).json()));
            assertThat(waiters()).isEmpty();
            assertThat(limited.output()).doesNotContain("ERROR", "\tat ");
        }
    }

    @Test
    @DisplayName("Ids of waiters that nobody could have are refused or unknown, and no error")
    void strangeIds() {
        for (String id : List.of(
                "65535-ffffffffffffffff",
                "65536-0000000000000001",
                "-1-0000000000000001",
                "0-",
                "-",
                "%00",
                "%2e%2e",
                "0-000000000000000%20",
                "0-000000000000000G",
                "%D9%A1-0000000000000001",
                "1-0000000000000001%0d%0aX:1",
                "9".repeat(3_000))) {
            for (String method : List.of("GET", "DELETE")) {
                Answer answer = new RawHttp(staying.uri()).send(method, WAITERS + id, null, bob);
                assertThat(answer.status())
                        .as(method + " " + id + " " + answer.text())
                        .isIn(400, 404);
                assertThat(answer.json().has("error_class")).isTrue();
            }
        }
        assertThat(staying.output()).doesNotContain("ERROR", "\tat ");
    }

    // ------------------------------------------------------------------------------------------------------- helpers

    private static Answer expect(int status, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer;
    }

    private static String lock(String owner, int offset) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                Integer.toString(offset),
                "size",
                "10",
                "owner_id",
                owner);
    }

    private Answer acquire(GatewayProcess gateway, String caller, String body) {
        return new RawHttp(gateway.uri()).post(locks, body, caller);
    }

    private void release(GatewayProcess gateway, String caller, String owner, int offset) {
        expect(
                200,
                new RawHttp(gateway.uri()).delete(locks + "?offset=" + offset + "&size=10&owner_id=" + owner, caller));
    }

    private static Answer poll(GatewayProcess gateway, String caller, String waiter, int waitMs) {
        return new RawHttp(gateway.uri()).get(WAITERS + waiter + "?wait_ms=" + waitMs, caller);
    }

    private static Answer confirm(GatewayProcess gateway, String caller, JsonNode grant) {
        return new RawHttp(gateway.uri())
                .post("/v1/files/locks/nlm/grants/" + grant.get("grant_id").textValue() + "/renew", "{}", caller);
    }

    /** A call that stands in the queue when this returns. */
    private CompletableFuture<Answer> waits(GatewayProcess gateway, String caller, String body) {
        int before = waiters().size();
        CompletableFuture<Answer> answer =
                Background.run(() -> acquire(gateway, caller, JsonText.with(body, "wait_ms", WAIT_MS)));
        await().atMost(PATIENCE).until(() -> waiters().size() == before + 1);
        return answer;
    }

    /** Those of the file, in order. */
    private List<String> waiters() {
        List<String> ids = new ArrayList<>();
        list("waiters/", "waiters")
                .forEach(waiter -> ids.add(waiter.get("waiter_id").textValue()));
        return ids;
    }

    private List<JsonNode> grants() {
        return list("", "grants");
    }

    private List<JsonNode> list(String call, String rows) {
        List<JsonNode> listed = new ArrayList<>();
        expect(200, new RawHttp(staying.uri()).get(locks + call, reader))
                .json()
                .get(rows)
                .forEach(listed::add);
        return listed;
    }
}
