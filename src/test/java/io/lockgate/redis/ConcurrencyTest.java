package io.lockgate.redis;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.Acquisition;
import io.lockgate.range.Grant;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSpace;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.ConflictDetector;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.RespClient;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many clients at once, watched by a recorder of their own that does not ask the gateway. */
@Timeout(120)
class ConcurrencyTest {
    private static final URI REDIS = RedisTables.database(9);
    private static final int THREADS = 64;
    private static final int OWNERS_PER_THREAD = 3;
    private static final int ROUNDS = 30;

    @BeforeEach
    void empty() {
        try (RespClient probe = new RespClient(REDIS)) {
            probe.send("FLUSHDB");
        }
    }

    @ParameterizedTest(name = "{0}, {1} gateways")
    @CsvSource({"NLM,1", "NLM,2", "SMB,1", "SMB,2"})
    @DisplayName("At no moment do two owners hold a byte of which one holds it exclusively")
    @SuppressWarnings("ThreadPriorityCheck") // Invites the other threads in; the lock must keep them out.
    void exclusion(Protocol protocol, int gateways) throws Exception {
        List<RangeLockTable> tables = new ArrayList<>();
        for (int i = 0; i < gateways; i++) {
            tables.add(RedisTables.table(REDIS, Settings.DEFAULT));
        }
        LockSpace space = LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
        ConflictDetector recorder = new ConflictDetector();
        List<Grant> tokens = Collections.synchronizedList(new ArrayList<>());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int thread = t;
                clients.add(threads.submit(() -> {
                    Random random = new Random(thread);
                    for (int round = 0; round < ROUNDS; round++) {
                        LockClient asker = LockClient.nlm(space, thread + "/" + random.nextInt(OWNERS_PER_THREAD))
                                .over(protocol);
                        RangeLockTable table = tables.get(random.nextInt(gateways));
                        LockModes modes = random.nextInt(3) == 0 ? S : X;
                        int first = random.nextInt(ConflictDetector.BYTES - 4);
                        int size = 1 + random.nextInt(4);
                        if (get(asker.acquire(table, modes, first, size)) instanceof Acquisition.Granted granted) {
                            tokens.add(granted.grant());
                            recorder.taken(modes, first, size);
                            Thread.yield();
                            recorder.freed(modes, first, size);
                            assertThat(asker.released(tables.get(random.nextInt(gateways)), first, size))
                                    .isEqualTo(1);
                        }
                    }
                }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
        }
        assertThat(recorder.grants()).as("else nothing was tried").isGreaterThan(THREADS);
        assertThat(tokens.stream().map(Grant::token)).doesNotHaveDuplicates();
        // Grants that ended one by one leave their lists with the next sweep.
        get(tables.getFirst().sweep());
        TableInvariants.holdOfNothing(REDIS);
    }
}
