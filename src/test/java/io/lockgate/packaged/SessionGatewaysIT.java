package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.Background;
import io.lockgate.testing.GatewayProcess;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A session with many locks, of which the gateway dies that takes its heartbeats. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("smoke")
class SessionGatewaysIT {
    private static final String SESSIONS = "/v1/files/locks/sessions/";

    /** 10,000 locks, over all buckets. */
    private static final int FILES = 200;

    private static final int LOCKS_OF_A_FILE = 50;
    private static final int HEARTBEATS_AT_ONCE = 4;

    /** Long enough that a busy machine does not let it lapse while its heart beats. */
    private static final Duration TTL = Duration.ofSeconds(15);

    /** A sweep, and what a busy machine may take longer. */
    private static final Duration PATIENCE = TTL.plusSeconds(30);

    private EmbeddedRedis redis;
    private EmbeddedPostgres postgres;
    private GatewayProcess staying;
    private GatewayProcess dying;
    private String ann;
    private List<String> takers = List.of();
    private String reader;

    @BeforeAll
    void start() {
        redis = EmbeddedRedis.start();
        postgres = EmbeddedPostgres.start();
        staying = gateway();
        dying = gateway();
        Accounts accounts = new Accounts(new RawHttp(staying.uri()));
        ann = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));
        takers = List.of(
                accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE")),
                accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE")));
        reader = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_READ"));
    }

    @AfterAll
    void stop() {
        dying.close();
        staying.close();
        redis.close();
        postgres.close();
    }

    private GatewayProcess gateway() {
        Map<String, String> settings = new HashMap<>(postgres.quarkusSettings());
        settings.put("quarkus.redis.hosts", redis.uri().toString());
        settings.put("lockgate.bootstrap.admin.username", "dev");
        settings.put("lockgate.bootstrap.admin.password", RawHttp.PASSWORD);
        return GatewayProcess.start(settings);
    }

    @Test
    @DisplayName(
            "A SIGKILL in the middle of heartbeats of 10,000 locks: none is free before its time, and each once after it")
    void killedInTheMiddle() {
        RawHttp http = new RawHttp(staying.uri());
        String session = expect(201, http.post(SESSIONS, JsonText.object("ttl_ms", TTL.toMillis()), ann))
                .json()
                .get("session_id")
                .textValue();
        List<JsonNode> first = new ArrayList<>();
        for (int file = 0; file < FILES; file++) {
            Answer locked = expect(200, http.post(locks(file) + "batch", batch("session_id", session), ann));
            first.add(locked.json().get("grants").get(0));
            if (file % 20 == 0) {
                expect(200, http.post(SESSIONS + session + "/renew", "{}", ann));
            }
        }
        assertThat(exclusive()).isEqualTo(FILES * LOCKS_OF_A_FILE);

        AtomicLong lastGood = new AtomicLong();
        AtomicInteger good = new AtomicInteger();
        List<CompletableFuture<Boolean>> hearts = IntStream.range(0, HEARTBEATS_AT_ONCE)
                .mapToObj(i -> Background.run(() -> beat(session, lastGood, good)))
                .toList();
        await().atMost(PATIENCE).until(() -> good.get() >= 10 * HEARTBEATS_AT_ONCE);
        dying.close();
        hearts.forEach(heart -> assertThat(heart.join()).isTrue());

        // Whatever the last heartbeats have extended and what not, the session and its locks go on as one.
        expect(200, http.get(SESSIONS + session + "?limit=1", ann));
        assertThat(exclusive()).isEqualTo(FILES * LOCKS_OF_A_FILE);

        List<Integer> left = new ArrayList<>(IntStream.range(0, FILES).boxed().toList());
        long firstFree = 0;
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!left.isEmpty()) {
            assertThat(System.nanoTime())
                    .as("files that are not free: %s", left)
                    .isLessThan(end);
            for (Integer file : List.copyOf(left)) {
                List<CompletableFuture<Answer>> both = takers.stream()
                        .map(taker -> Background.run(
                                () -> http.post(locks(file) + "batch", batch("lease_ms", 600_000), taker)))
                        .toList();
                long granted = both.stream()
                        .map(CompletableFuture::join)
                        .peek(answer ->
                                assertThat(answer.status()).as(answer.text()).isIn(200, 409))
                        .filter(answer -> answer.status() == 200)
                        .count();
                assertThat(granted).isLessThanOrEqualTo(1);
                if (granted == 0) {
                    break;
                }
                left.removeIf(file::equals);
                firstFree = firstFree == 0 ? System.nanoTime() : firstFree;
            }
        }
        System.out.printf(
                "session: %d locks, %d heartbeats before the SIGKILL; the first file was taken %d ms and the last %d ms"
                        + " after the last good heartbeat was sent%n",
                FILES * LOCKS_OF_A_FILE,
                good.get(),
                millisSince(lastGood.get(), firstFree),
                millisSince(lastGood.get(), System.nanoTime()));
        assertThat(Duration.ofNanos(firstFree - lastGood.get())).isGreaterThanOrEqualTo(TTL);

        assertThat(exclusive()).isEqualTo(FILES * LOCKS_OF_A_FILE);
        Answer late = expect(409, http.post(SESSIONS + session + "/renew", "{}", ann));
        assertThat(late.json().get("error_class").textValue()).isEqualTo("fs_session_lost_error");
        for (JsonNode grant : first) {
            assertThat(isGood(http, grant)).isFalse();
        }
        assertThat(staying.output()).doesNotContain("ERROR", "\tat ");
    }

    /** Heartbeats without a pause until the gateway is gone; answers whether all before were good. */
    private boolean beat(String session, AtomicLong lastGood, AtomicInteger good) {
        RawHttp http = new RawHttp(dying.uri());
        while (true) {
            long sent = System.nanoTime();
            try {
                if (http.post(SESSIONS + session + "/renew", "{}", ann).status() != 200) {
                    return false;
                }
            } catch (UncheckedIOException killed) {
                return true;
            }
            lastGood.accumulateAndGet(sent, Math::max);
            good.incrementAndGet();
        }
    }

    private static long millisSince(long from, long until) {
        return Duration.ofNanos(until - from).toMillis();
    }

    private static Answer expect(int status, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer;
    }

    private static String locks(int file) {
        return "/v1/files/" + (1_000 + file) + "/locks/nlm/byte-range/";
    }

    /** Locks that do not touch, with a field that says how long they live. */
    private static String batch(String lifetime, Object value) {
        return JsonText.object(
                "locks",
                IntStream.range(0, LOCKS_OF_A_FILE)
                        .mapToObj(i -> JsonText.nested(
                                "mode",
                                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                                "offset",
                                Integer.toString(20 * i),
                                "size",
                                "10",
                                "owner_id",
                                "job",
                                lifetime,
                                value))
                        .toList());
    }

    /** How many locks stand, by whomever. */
    private long exclusive() {
        return expect(200, new RawHttp(staying.uri()).get("/v1/files/locks/nlm/byte-range/count?by=mode", reader))
                .json()
                .get("counts")
                .get(0)
                .get("count")
                .longValue();
    }

    private boolean isGood(RawHttp http, JsonNode grant) {
        String question = JsonText.object(
                "file_id",
                grant.get("file_id").textValue(),
                "offset",
                "0",
                "size",
                "1",
                "fencing_token",
                grant.get("fencing_token").textValue());
        return expect(200, http.post("/v1/files/locks/fence/check", question, reader))
                .json()
                .get("valid")
                .booleanValue();
    }
}
