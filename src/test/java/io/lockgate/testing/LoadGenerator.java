package io.lockgate.testing;

import static io.lockgate.testing.LockClient.S;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;

import io.lockgate.range.Acquisition;
import io.lockgate.range.Grant;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.RangeLockTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients who take, check and free until they are told to stop. Each space is watched by a {@link ConflictDetector}. A
 * client that is told "unavailable" goes on: under another name after an acquire of unknown outcome, with the same
 * release until it is answered.
 */
public final class LoadGenerator {
    private static final int CLIENTS_PER_SPACE = 4;

    private final RangeLockTable table;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> clients = new ArrayList<>();
    private final AtomicInteger grants = new AtomicInteger();
    private final AtomicInteger unavailable = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> lost = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;

    private LoadGenerator(RangeLockTable table) {
        this.table = table;
    }

    public static LoadGenerator on(RangeLockTable table, List<LockSpace> spaces) {
        LoadGenerator load = new LoadGenerator(table);
        for (LockSpace space : spaces) {
            ConflictDetector recorder = new ConflictDetector();
            for (int i = 0; i < CLIENTS_PER_SPACE; i++) {
                int number = i;
                load.clients.add(load.threads.submit(() -> load.client(space, number, recorder)));
            }
        }
        return load;
    }

    private void client(LockSpace space, int number, ConflictDetector recorder) {
        Random random = new Random(number);
        for (int name = 0; !stopping; ) {
            LockClient asker = LockClient.nlm(space, number + "/" + name);
            LockModes modes = random.nextInt(3) == 0 ? S : X;
            int first = random.nextInt(ConflictDetector.BYTES - 4);
            int size = 1 + random.nextInt(4);
            try {
                if (get(asker.acquire(table, modes, first, size)) instanceof Acquisition.Granted granted) {
                    holds(asker, recorder, modes, granted.grant(), first, size);
                }
            } catch (LockTableUnavailableException e) {
                unavailable.incrementAndGet();
                name += e.outcomeKnown() ? 0 : 1;
            }
        }
    }

    private void holds(LockClient asker, ConflictDetector recorder, LockModes modes, Grant grant, int first, int size) {
        grants.incrementAndGet();
        recorder.taken(modes, first, size);
        try {
            if (!asker.valid(table, grant, first, size)) {
                lost.add("check of " + grant);
            }
        } catch (LockTableUnavailableException e) {
            unavailable.incrementAndGet();
        }
        recorder.freed(modes, first, size);
        for (boolean repeated = false; ; repeated = true) {
            try {
                if (asker.released(table, first, size) != 1 && !repeated) {
                    lost.add("release of " + grant);
                }
                return;
            } catch (LockTableUnavailableException e) {
                unavailable.incrementAndGet();
            }
        }
    }

    public int grants() {
        return grants.get();
    }

    /** Calls that were answered with "unavailable". */
    public int unavailable() {
        return unavailable.get();
    }

    /** Grants that were told of and did not stand when they were checked or released. */
    public List<String> lost() {
        return List.copyOf(lost);
    }

    /** Fails when a client met anything but answers and "unavailable", or two holders of a byte. */
    public void stop() throws ExecutionException, InterruptedException {
        stopping = true;
        try {
            for (Future<?> client : clients) {
                client.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
