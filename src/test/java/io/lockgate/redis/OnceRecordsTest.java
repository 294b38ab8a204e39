package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.Acquisition;
import io.lockgate.range.Grant;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.IdempotencyKeyException;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.LossyProxy;
import io.lockgate.testing.redis.RespClient;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Redis keeps of calls with an idempotency key, for how long, and what a lost answer leaves of it. */
@Timeout(60)
@Tag("slow")
class OnceRecordsTest {
    private static final URI REDIS = RedisTables.database(5);
    private static final Settings SETTINGS = Settings.DEFAULT;
    private static final Settings IMPATIENT = SETTINGS.withTimeouts(Duration.ofMillis(150), Duration.ofMillis(400));
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final RangeLockTable TABLE = RedisTables.table(REDIS, SETTINGS);

    private final LockSpace space = LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    private final LockClient a = LockClient.nlm(space, "A");
    private final LockClient b = LockClient.nlm(space, "B");
    private final LockClient h = LockClient.smb(space, "H");

    @BeforeEach
    void empty() {
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send("FLUSHDB");
        }
    }

    @AfterEach
    void consistent() {
        TableInvariants.hold(REDIS);
    }

    private static IdempotencyKey key(String text) {
        return new IdempotencyKey("p", text, "request");
    }

    private static List<String> keys(RespClient probe, String pattern) {
        return probe.list("KEYS", pattern);
    }

    private static long millisLeft(RespClient probe, String key) {
        return Long.parseLong(probe.text("PTTL", key));
    }

    @Test
    @DisplayName("A call without a key leaves nothing of keys in Redis")
    void nothingWithoutKey() {
        a.granted(TABLE, X, 0, 10);
        a.released(TABLE, 0, 5);
        try (RespClient probe = new RespClient(REDIS)) {
            assertThat(keys(probe, "*once*")).isEmpty();
            assertThat(keys(probe, "*claim*")).isEmpty();
        }
    }

    @Test
    @DisplayName("A call is kept for 10 minutes, how it is rolled back for 30 s, its claim for 11, the count for 22")
    void times() {
        String text = "k".repeat(255);
        a.granted(TABLE.once(key(text)), X, 0, 10);
        try (RespClient probe = new RespClient(REDIS)) {
            for (String[] kept : new String[][] {
                {"*:once:*", "600000"},
                {"*:once-rollback:*", "30000"},
                {"*:claim:*", "660000"},
                {"*:claims:p", "1320000"}
            }) {
                List<String> found = keys(probe, kept[0]);
                assertThat(found).as(kept[0]).hasSize(1);
                long most = Long.parseLong(kept[1]);
                assertThat(millisLeft(probe, found.getFirst())).as(kept[0]).isBetween(most - 20_000, most);
                // No client gives a name to a key of Redis.
                assertThat(found.getFirst()).doesNotContain("kkk");
            }
            String record = keys(probe, "*:once:*").getFirst();
            probe.send("PEXPIRE", record, "100000");
            a.granted(TABLE.once(key(text)), X, 0, 10);
            assertThat(millisLeft(probe, record))
                    .as("a repeat does not prolong it")
                    .isLessThanOrEqualTo(100_000);
        }
    }

    @Test
    @DisplayName("When the record has run out the call is done again, and the key still belongs to its request")
    void afterTenMinutes() {
        Grant first = h.granted(TABLE.once(key("k")), S, 0, 10);
        try (RespClient probe = new RespClient(REDIS)) {
            keys(probe, "*:once*").forEach(record -> probe.send("DEL", record));
        }
        assertThat(h.granted(TABLE.once(key("k")), S, 0, 10).id()).isNotEqualTo(first.id());
        RangeLockTable other = TABLE.once(new IdempotencyKey("p", "k", "other"));
        assertThatThrownBy(() -> get(h.acquire(other, S, 0, 10))).isInstanceOf(IdempotencyKeyException.class);
    }

    @Test
    @DisplayName("Keys count in the period in which they are used and in the next one, and no longer")
    void periods() {
        RangeLockTable table = RedisTables.table(REDIS, SETTINGS.withKeys(2));
        a.granted(table.once(key("k1")), X, 0, 10);
        a.granted(table.once(key("k2")), X, 10, 10);
        try (RespClient probe = new RespClient(REDIS)) {
            String count = keys(probe, "*:claims:p").getFirst();
            long period = Long.parseLong(probe.text("GET", count).split(" ", -1)[0]);
            probe.send("SET", count, (period - 1) + " 2 0");
            assertThatThrownBy(() -> get(a.acquire(table.once(key("k3")), X, 20, 10)))
                    .isInstanceOfSatisfying(IdempotencyKeyException.class, failure -> {
                        assertThat(failure.reason()).isEqualTo(IdempotencyKeyException.Reason.TOO_MANY);
                        assertThat(failure.limit()).isEqualTo(2);
                        assertThat(failure.retryAfter()).isBetween(Duration.ofMillis(1), Duration.ofMinutes(11));
                    });
            probe.send("SET", count, (period - 2) + " 2 0");
            a.granted(table.once(key("k3")), X, 20, 10);
            assertThat(probe.text("GET", count)).isEqualTo(period + " 1 0");
            // A key of an earlier period that is used again counts again.
            String claim = keys(probe, "*:claim:*").stream()
                    .filter(each -> probe.text("GET", each).startsWith("0 " + period))
                    .findFirst()
                    .orElseThrow();
            probe.send("SET", claim, "0 " + (period - 1) + " request");
            List.of("k1", "k2", "k3").forEach(text -> {
                int offset = 10 * (text.charAt(1) - '1');
                a.granted(table.once(key(text)), X, offset, 10);
            });
            assertThat(probe.text("GET", count)).isEqualTo(period + " 2 0");
        }
    }

    private void loses(RangeLockTable table) {
        assertThatThrownBy(() -> get(a.acquire(table.once(key("k")), X, 0, 10)))
                .isInstanceOfSatisfying(
                        LockTableUnavailableException.class,
                        failure -> assertThat(failure.outcomeKnown()).isFalse());
        assertThat(a.standing(TABLE)).as("it was done").hasSize(1);
    }

    @Test
    @DisplayName("A grant whose answer was lost is rolled back with its record, and the repeat acquires again")
    void lostAnswer() {
        try (LossyProxy proxy = new LossyProxy(REDIS);
                RespClient probe = new RespClient(REDIS)) {
            RangeLockTable table = RedisTables.table(proxy.uri(), IMPATIENT);
            proxy.loseAnswersWith("granted");
            loses(table);
            proxy.heal();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(a.standing(TABLE)).isEmpty());
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(keys(probe, "*once*")).isEmpty());
            b.granted(TABLE, X, 0, 10);
            assertThat(a.outcome(table.once(key("k")), X, 0, 10)).isInstanceOf(Acquisition.Refused.class);
            b.released(TABLE, 0, 10);
            a.granted(table.once(key("k")), X, 0, 10);
        }
    }

    @Test
    @DisplayName("A grant whose answer was lost stays if a repeat was told of it before the rollback")
    void lostAnswerToldAgain() {
        try (LossyProxy proxy = new LossyProxy(REDIS)) {
            proxy.loseAnswersWith("granted");
            loses(RedisTables.table(proxy.uri(), IMPATIENT));
            Grant told = a.granted(TABLE.once(key("k")), X, 0, 10);
            proxy.heal();
            await().during(Duration.ofSeconds(2))
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(a.standing(TABLE)).containsExactly(told));
        }
    }
}
