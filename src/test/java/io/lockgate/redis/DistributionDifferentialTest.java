package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.distribution.BlockPage;
import io.lockgate.distribution.BlockSet;
import io.lockgate.distribution.BytesModel;
import io.lockgate.distribution.DistributionMapContract;
import io.lockgate.distribution.Precondition;
import io.lockgate.distribution.Report;
import io.lockgate.distribution.ReportChange;
import io.lockgate.range.ByteRange;
import io.lockgate.testing.redis.RedisClientOptions;
import io.smallrye.mutiny.Uni;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random changes of several providers agree with an independent model of a set of bytes, and leave nothing behind. */
@Tag("slow")
class DistributionDifferentialTest {
    private static final int OPERATIONS = 100_000;
    private static final List<String> PROVIDERS = List.of("p1", "p2", "p3");

    /** One for each test: files of one bucket share their leftovers. */
    private static final URI CHANGES = RedisTables.database(11);

    private static final URI DELETED = RedisTables.database(13);

    private final long seed = Long.getLong("lockgate.distribution.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final String file = "agreement-" + seed;
    private final Map<String, BytesModel> models = new TreeMap<>();

    @Test
    @DisplayName("Redis answers every call as the model does, while readers see reports as of their start")
    void agrees() {
        RedisDistributionMap map = map(CHANGES, Duration.ofMinutes(1), 60);
        List<Reader> readers = new ArrayList<>();
        for (int done = 0; done < OPERATIONS; ) {
            done += step(map, CHANGES);
            if (readers.size() < 3 && !models.isEmpty()) {
                List<Report> reports = get(map.reports(file));
                Report report = reports.get(random.nextInt(reports.size()));
                readers.add(new Reader(
                        report,
                        Objects.requireNonNull(models.get(report.provider())).ranges()));
            }
            readers.removeIf(reader -> random.nextInt(4) == 0 && reader.isDone(map));
        }
        check(map);
    }

    @Test
    @DisplayName("The same holds while rows are deleted at once; at the end Redis holds the blocks and nothing else")
    void leavesNothingBehind() throws InterruptedException {
        RedisDistributionMap map = map(DELETED, Duration.ofMillis(50), 10);
        for (int done = 0; done < OPERATIONS / 10; ) {
            done += step(map, DELETED);
            if (random.nextInt(20) == 0) {
                get(map.sweep());
            }
        }
        Thread.sleep(60);
        get(map.sweep());
        check(map(DELETED, Duration.ofMinutes(1), 10));
        RedisKeys keys = new RedisKeys(RedisTables.Settings.DEFAULT.buckets());
        Redis client = Redis.createClient(RedisTables.vertx(), RedisClientOptions.of(DELETED));
        try {
            for (String provider : PROVIDERS) {
                List<String> names = keys.ofReport(keys.bucketOf(file), "none", file, provider);
                int blocks = models.containsKey(provider)
                        ? models.get(provider).ranges().size()
                        : 0;
                assertThat(send(client, Request.cmd(Command.ZCARD).arg(names.get(3))))
                        .as("blocks of %s, seed %d", provider, seed)
                        .hasToString(Integer.toString(blocks));
                assertThat(send(
                                client,
                                Request.cmd(Command.EXISTS).arg(names.get(4)).arg(names.get(5))))
                        .as("leftovers, seed %d", seed)
                        .hasToString("0");
            }
        } finally {
            client.close();
        }
    }

    private @Nullable Response send(Redis client, Request request) {
        return Uni.createFrom()
                .completionStage(client.send(request).toCompletionStage())
                .await()
                .atMost(Duration.ofSeconds(5));
    }

    /** One change; answers how many operations that were. */
    private int step(RedisDistributionMap map, URI redis) {
        String provider = PROVIDERS.get(random.nextInt(PROVIDERS.size()));
        BytesModel model = models.getOrDefault(provider, new BytesModel()).copy();
        int kind = random.nextInt(40);
        if (kind == 0) {
            ReportChange change = get(map.withdraw(file, provider, new Precondition.Always()));
            assertThat(change)
                    .as("seed %d", seed)
                    .isInstanceOf(
                            models.remove(provider) == null
                                    ? ReportChange.NoSuchReport.class
                                    : ReportChange.Done.class);
            return 1;
        }
        if (kind == 1) {
            List<ByteRange> blocks = ranges(random.nextInt(80));
            BytesModel replaced = new BytesModel();
            blocks.forEach(replaced::add);
            made(get(map.replace(file, provider, BlockSet.of(blocks), new Precondition.Always())));
            models.put(provider, replaced);
            return 1;
        }
        List<ByteRange> removed = ranges(random.nextInt(5));
        List<ByteRange> added = ranges(random.nextInt(5) + (removed.isEmpty() ? 1 : 0));
        removed.forEach(model::remove);
        added.forEach(model::add);
        made(get(map.patch(file, provider, removed, added, new Precondition.Always())));
        models.put(provider, model);
        if (random.nextInt(50) == 0) {
            check(map(redis, Duration.ofMinutes(1), 10));
        }
        return removed.size() + added.size();
    }

    private void made(ReportChange change) {
        assertThat(change).as("seed %d", seed).isInstanceOf(ReportChange.Done.class);
    }

    private void check(RedisDistributionMap map) {
        Map<String, List<ByteRange>> stored = new TreeMap<>();
        for (Report report : get(map.reports(file))) {
            stored.put(report.provider(), DistributionMapContract.read(map, file, report));
        }
        Map<String, List<ByteRange>> expected = new TreeMap<>();
        models.forEach((provider, model) -> expected.put(provider, model.ranges()));
        assertThat(stored).as("seed %d", seed).isEqualTo(expected);
    }

    private List<ByteRange> ranges(int count) {
        List<ByteRange> ranges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long anchor = List.of(0L, 1L << 53, Long.MIN_VALUE, -1L).get(random.nextInt(4));
            long from = anchor + random.nextInt(-200, 200);
            long to = random.nextInt(100) == 0 ? random.nextLong() : from + random.nextInt(12);
            ranges.add(Long.compareUnsigned(from, to) <= 0 ? ByteRange.between(from, to) : ByteRange.between(to, from));
        }
        return ranges;
    }

    private static <T> T get(Uni<T> call) {
        return call.await().atMost(Duration.ofSeconds(20));
    }

    private static RedisDistributionMap map(URI redis, Duration readTime, int maxSteps) {
        return new RedisDistributionMap(
                RedisTables.runner(redis, RedisTables.Settings.DEFAULT),
                RedisTables.Settings.DEFAULT.withMaxSteps(maxSteps),
                new TestReportLimits(100_000, 10, readTime),
                16);
    }

    private final class Reader {
        private final Report report;
        private final List<ByteRange> expected;
        private final List<ByteRange> read = new ArrayList<>();
        private Optional<String> next = Optional.empty();

        Reader(Report report, List<ByteRange> expected) {
            this.report = report;
            this.expected = expected;
        }

        /** Reads a page. */
        boolean isDone(RedisDistributionMap map) {
            BlockPage page = get(map.page(file, report, next));
            read.addAll(page.blocks());
            next = page.next();
            if (next.isEmpty()) {
                assertThat(read).as("seed %d", seed).isEqualTo(expected);
            }
            return next.isEmpty();
        }
    }
}
