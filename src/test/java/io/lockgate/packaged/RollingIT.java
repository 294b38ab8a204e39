package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.app.dev.EmbeddedPostgres;
import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.GatewayProcess;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A rolling replacement of the version before (DESIGN.md, "Versions side by side"), on one Redis and one Postgres, in
 * its order: the old gateway serves, the new one starts beside it, the old one ends. Where the old one's jar lies is
 * said by {@code -Dlockgate.previous}, which {@code .ci/run} builds; without it this is skipped.
 */
@Tag("smoke")
@Timeout(600)
class RollingIT {
    private static final String PREVIOUS = "lockgate.previous";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Files of the locks that stand throughout, over many buckets. */
    private static final int KEPT = 48;

    /** Files that clients fight over, meanwhile. */
    private static final int FOUGHT_OVER = 6;

    private static final int CLIENTS = 6;

    private static Path previous() {
        String path = System.getProperty(PREVIOUS, "");
        boolean there = !path.isEmpty() && Files.isReadable(Path.of(path));
        if (!there) {
            System.out.println(
                    "RollingIT is skipped: -D" + PREVIOUS + " names no jar of the version before ('" + path + "')");
        }
        assumeTrue(there, "no jar of the version before: -D" + PREVIOUS);
        return Path.of(path);
    }

    /** A lock as its owner was told of it. */
    private record Held(String file, String protocol, boolean leased, String grantId, long token) {}

    @Test
    @DisplayName("The new version replaces the old one under load without conflicting grants or lost locks")
    void replacesTheVersionBefore() throws Exception {
        Path jar = previous();
        try (EmbeddedRedis redis = EmbeddedRedis.start();
                EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            Map<String, String> settings = new HashMap<>(postgres.quarkusSettings());
            settings.put("quarkus.redis.hosts", redis.uri().toString());
            settings.put("lockgate.bootstrap.admin.username", "dev");
            settings.put("lockgate.bootstrap.admin.password", RawHttp.PASSWORD);
            settings.put("quarkus.shutdown.delay", "1s");
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            try (GatewayProcess old = GatewayProcess.launch(List.of(java, "-jar", jar.toString()), settings)) {
                old.awaitReady();
                replace(old, settings);
            }
        }
    }

    private static void replace(GatewayProcess old, Map<String, String> settings) throws Exception {
        RawHttp before = new RawHttp(old.uri());
        List<Held> held = new ArrayList<>();
        for (int i = 0; i < KEPT; i++) {
            String protocol = i % 3 == 0 ? "smb" : "nlm";
            held.add(taken(
                    before,
                    Integer.toString(1_000 + i),
                    protocol,
                    "keeper",
                    i % 2 == 0 ? new Object[] {"lease_ms", 600_000} : new Object[0]));
        }
        assertThat(report(before, "[[0,10],[100,10]]")).isEqualTo(201);
        String etag = etag(before);

        Fight fight = new Fight(before);
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(Thread.ofPlatform().start(fight));
        }
        try {
            await().atMost(PATIENCE).until(() -> fight.grants.get() > 100);

            // The new one starts beside it; nobody asks it anything until it is ready.
            try (GatewayProcess fresh = GatewayProcess.start(settings)) {
                long ready = System.nanoTime();
                RawHttp after = new RawHttp(fresh.uri());
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> before.get(locks("1000", "nlm")).status() == 503);
                System.out.printf(
                        "rolling: the old gateway served locks until %d ms after the new one was ready%n",
                        (System.nanoTime() - ready) / 1_000_000);
                fight.fresh.set(after);
                listsShowEachOnce(after, held);
                oldOneDecidesNothing(before);
                int grants = fight.grants.get();
                await().atMost(PATIENCE).until(() -> fight.grants.get() > grants + 100);

                // The old one ends, under load.
                old.terminate();
                old.awaitEnd(PATIENCE);
                int later = fight.grants.get();
                await().atMost(PATIENCE).until(() -> fight.grants.get() > later + 100);
                fight.over.set(true);
                for (Thread client : clients) {
                    client.join();
                }
                System.out.printf(
                        "rolling: %d grants, %d answers 503, %d without a connection%n",
                        fight.grants.get(), fight.refused.get(), fight.unconnected.get());
                assertThat(fight.failures).isEmpty();
                assertThat(fight.refused.get())
                        .as("calls that the old gateway refused")
                        .isPositive();

                listsShowEachOnce(after, held);
                locksStillStand(after, held);
                assertThat(etag(after)).isEqualTo(etag);
                assertThat(report(after, "[[0,10],[100,20]]")).isEqualTo(204);
                assertThat(etag(after)).isGreaterThan(etag);
                assertThat(fresh.output()).doesNotContain("get 503");
            }
        } finally {
            fight.over.set(true);
        }
    }

    /** Reading calls too, each in the format of its API; and what lies in Postgres is served. */
    private static void oldOneDecidesNothing(RawHttp old) {
        Answer list = old.get(locks("1000", "nlm"));
        assertThat(list.status()).isEqualTo(503);
        assertThat(list.json().has("error_class")).isTrue();
        assertThat(list.header("retry-after")).isPresent();
        assertThat(old.post(locks("1000", "nlm"), lock("other")).status()).isEqualTo(503);
        assertThat(old.post(locks("77777", "nlm"), lock("other")).status()).isEqualTo(503);
        Answer reports = old.get("/data/rolling/distribution");
        assertThat(reports.status()).isEqualTo(503);
        assertThat(reports.json().has("error_description")).isTrue();
        assertThat(old.post("/admin/lock", JsonText.object("route", "rolling", "id", "1"))
                        .status())
                .isEqualTo(200);
    }

    /** Page by page, of all files and of the owner, while entries of the old layout are moved. */
    private static void listsShowEachOnce(RawHttp http, List<Held> held) {
        for (String protocol : List.of("nlm", "smb")) {
            List<String> kept = held.stream()
                    .filter(lock -> lock.protocol().equals(protocol))
                    .map(Held::grantId)
                    .toList();
            String all = "/v1/files/locks/" + protocol + "/byte-range/";
            List<String> ofOwner = walk(http, all + "?limit=5&owner_id=keeper");
            assertThat(ofOwner).containsExactlyInAnyOrderElementsOf(kept);
            List<String> shown = walk(http, all + "?limit=7");
            assertThat(shown).doesNotHaveDuplicates().containsAll(kept);
        }
    }

    /** To the first empty page: every page names a next one. */
    private static List<String> walk(RawHttp http, String first) {
        List<String> shown = new ArrayList<>();
        String next = first;
        int before;
        do {
            before = shown.size();
            String page = next;
            Answer answer = served(() -> http.get(page));
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            answer.json()
                    .get("grants")
                    .forEach(grant -> shown.add(grant.get("grant_id").textValue()));
            next = answer.json().get("paging").get("next").textValue();
        } while (shown.size() > before);
        return shown;
    }

    /**
     * Every lock that the old gateway gave stands, keeps others out, and can be renewed and released; later tokens are
     * higher.
     */
    private static void locksStillStand(RawHttp http, List<Held> held) {
        for (Held lock : held) {
            String target = locks(lock.file(), lock.protocol());
            assertThat(served(() -> http.post(target, lock("other"))).status())
                    .as(lock.toString())
                    .isEqualTo(409);
            assertThat(served(() -> http.get(target)).json().get("grants")).hasSize(1);
            String grant = "/v1/files/locks/" + lock.protocol() + "/grants/" + lock.grantId();
            assertThat(served(() -> http.get(grant)).status())
                    .as(lock.toString())
                    .isEqualTo(200);
            String question = JsonText.object(
                    "file_id",
                    lock.file(),
                    "offset",
                    "0",
                    "size",
                    "10",
                    "fencing_token",
                    Long.toUnsignedString(lock.token()));
            Answer fence = served(() -> http.post("/v1/files/locks/fence/check", question));
            assertThat(fence.json().get("valid").booleanValue())
                    .as(fence.text())
                    .isTrue();
            Answer renewed = served(() -> http.post(grant + "/renew", JsonText.object("lease_ms", 80000)));
            assertThat(renewed.status()).as(renewed.text()).isEqualTo(lock.leased() ? 200 : 409);
            if (lock.token() % 2 == 0) {
                assertThat(served(() -> http.delete(grant)).status()).isEqualTo(200);
            } else {
                assertThat(served(() -> http.delete(target + "?offset=0&size=10&owner_id=keeper"))
                                .status())
                        .isEqualTo(200);
            }
            Held next = taken(http, lock.file(), lock.protocol(), "other");
            assertThat(Long.compareUnsigned(next.token(), lock.token()))
                    .as(lock.toString())
                    .isPositive();
        }
    }

    // ---------------------------------------------------------------- clients

    /**
     * Clients that want the same bytes, ask either gateway, and see whether anybody else has them, or a higher token.
     */
    private static final class Fight implements Runnable {
        private final RawHttp old;
        private final AtomicReference<RawHttp> fresh = new AtomicReference<>();
        private final AtomicBoolean over = new AtomicBoolean();
        private final AtomicInteger grants = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
        private final AtomicInteger unconnected = new AtomicInteger();
        private final AtomicInteger names = new AtomicInteger();
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final List<AtomicInteger> holders = new ArrayList<>();
        private final long[] lastToken = new long[FOUGHT_OVER];

        Fight(RawHttp old) {
            this.old = old;
            for (int i = 0; i < FOUGHT_OVER; i++) {
                holders.add(new AtomicInteger());
            }
        }

        /** As a service in front would choose. */
        private RawHttp any() {
            RawHttp other = fresh.get();
            return other != null && ThreadLocalRandom.current().nextInt(3) > 0 ? other : old;
        }

        @Override
        public void run() {
            String owner = "client-" + names.incrementAndGet();
            while (!over.get()) {
                int place = ThreadLocalRandom.current().nextInt(FOUGHT_OVER);
                String target = locks(Integer.toString(5_000 + place), "nlm");
                try {
                    Answer answer = any().post(target, lock(owner));
                    switch (answer.status()) {
                        case 200 -> holds(place, answer.json(), target + "?offset=0&size=10&owner_id=" + owner);
                        case 409 -> GatewayProcess.pause(Duration.ofMillis(2));
                        case 503 -> {
                            refused.incrementAndGet();
                            if (!answer.text().contains("nothing was changed")) {
                                // It may have happened; nobody else's business until it is released.
                                release(target + "?offset=0&size=10&owner_id=" + owner);
                            }
                            GatewayProcess.pause(Duration.ofMillis(5));
                        }
                        default -> failures.add(answer.toString());
                    }
                } catch (RuntimeException e) {
                    unconnected.incrementAndGet();
                    release(target + "?offset=0&size=10&owner_id=" + owner);
                }
            }
        }

        private void holds(int place, JsonNode grant, String release) {
            if (holders.get(place).incrementAndGet() != 1) {
                failures.add("two hold file " + place);
            }
            long token = Long.parseUnsignedLong(grant.get("fencing_token").textValue());
            synchronized (lastToken) {
                if (Long.compareUnsigned(token, lastToken[place]) <= 0) {
                    failures.add("token " + token + " after " + lastToken[place]);
                }
                lastToken[place] = token;
            }
            grants.incrementAndGet();
            GatewayProcess.pause(Duration.ofMillis(1));
            holders.get(place).decrementAndGet();
            release(release);
        }

        /** Through whichever gateway takes it. */
        private void release(String target) {
            for (int attempt = 0; attempt < 500; attempt++) {
                try {
                    RawHttp one = any();
                    Answer answer = one.delete(target);
                    if (answer.status() == 200) {
                        return;
                    }
                    if (answer.status() != 503) {
                        failures.add("release: " + answer);
                        return;
                    }
                    refused.incrementAndGet();
                } catch (RuntimeException e) {
                    unconnected.incrementAndGet();
                }
                GatewayProcess.pause(Duration.ofMillis(20));
            }
            failures.add("nobody took " + target);
        }
    }

    // ---------------------------------------------------------------- calls

    /** A busy machine may not get a call done in its time. */
    private static Answer served(Supplier<Answer> call) {
        Answer answer = call.get();
        for (int i = 0; i < 10 && answer.status() == 503; i++) {
            answer = call.get();
        }
        return answer;
    }

    private static Held taken(RawHttp http, String file, String protocol, String owner, Object... more) {
        Answer answer = served(() -> http.post(locks(file, protocol), lock(owner, more)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode grant = answer.json();
        return new Held(
                file,
                protocol,
                more.length > 0,
                grant.get("grant_id").textValue(),
                Long.parseUnsignedLong(grant.get("fencing_token").textValue()));
    }

    private static String locks(String file, String protocol) {
        return "/v1/files/" + file + "/locks/" + protocol + "/byte-range/";
    }

    private static String lock(String owner, Object... more) {
        return JsonText.with(
                JsonText.object(
                        "mode", List.of("API_BYTE_RANGE_EXCLUSIVE"), "offset", "0", "size", "10", "owner_id", owner),
                more);
    }

    private static int report(RawHttp http, String blocks) {
        byte[] body = JsonText.object("blocks", JsonText.raw(blocks)).getBytes(StandardCharsets.UTF_8);
        return served(() ->
                        http.send("PUT", "/data/rolling/distribution/edge-1", body, "Content-Type: application/json"))
                .status();
    }

    private static String etag(RawHttp http) {
        Answer answer = served(() -> http.get("/data/rolling/distribution/edge-1"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.header("etag").orElseThrow();
    }
}
