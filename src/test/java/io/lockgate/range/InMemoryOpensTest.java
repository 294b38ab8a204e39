package io.lockgate.range;

import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static io.lockgate.testing.LockClient.granted;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.InMemoryLockQueueTest.InMemoryQueues;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.testing.LockClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The model does what every table must do with opens; and by a clock that stands still, to the millisecond. */
class InMemoryOpensTest extends OpensContract {
    private static final long MANY = 4_096;

    private final InMemoryRangeLockTable table = new InMemoryRangeLockTable(System::currentTimeMillis, false, MANY);
    private final InMemoryRangeEventLog log = table.events();

    @Override
    protected RangeLockTable table() {
        return table;
    }

    @Override
    protected DifferentialTest.Queues queues() {
        return new InMemoryQueues(table);
    }

    @Override
    protected SessionTable sessions() {
        return table.sessions();
    }

    @Override
    protected RangeEventLog log() {
        return log;
    }

    @Override
    protected LockQueueContract.Store enforced() {
        InMemoryRangeLockTable model = new InMemoryRangeLockTable(System::currentTimeMillis, true, MANY);
        return new LockQueueContract.Store(model, model.queue());
    }

    @Override
    protected RangeLockTable tableWithLimit(int ranges) {
        return new InMemoryRangeLockTable(System::currentTimeMillis, false, ranges);
    }

    @Override
    protected RangeLockTable tableWithGrantLimit(int grants) {
        return new InMemoryRangeLockTable(System::currentTimeMillis, false, MANY, grants);
    }

    // ------------------------------------------------------------------------------------------------ to the
    // millisecond

    private final AtomicLong clock = new AtomicLong(1_000);
    private final InMemoryRangeLockTable timed = new InMemoryRangeLockTable(clock::get, false, MANY);
    private final LockClient handle = LockClient.smb(LockSpace.head(1), "H");

    private Grant open(Duration lease) {
        return granted(get(timed.acquire(handle.space(), spec(handle.leasing(lease), LockModes.of(LockMode.READ)))));
    }

    private boolean stands(Grant grant) {
        return get(timed.find(grant.id())).isPresent();
    }

    @Test
    @DisplayName("A range stands up to the millisecond in which the last open ends, however the leases overlap")
    void upToTheEnd() {
        open(Duration.ofMillis(100));
        Grant range = handle.granted(timed, X, 0, 10);
        clock.addAndGet(99);
        open(Duration.ofMillis(100));
        clock.addAndGet(99);
        assertThat(stands(range)).isTrue();
        clock.addAndGet(1);
        assertThat(stands(range)).isFalse();
    }

    @Test
    @DisplayName(
            "An open that comes in the millisecond in which the last one ended keeps no range, however late it is seen")
    void inTheMomentOfTheEnd() {
        for (long late : List.of(0L, 5_000L)) {
            open(Duration.ofMillis(100));
            Grant range = handle.granted(timed, X, 0, 10);
            clock.addAndGet(100 + late);
            Grant next = open(Duration.ofMillis(100));
            Grant fresh = handle.granted(timed, X, 0, 10);
            assertThat(stands(range)).isFalse();
            assertThat(stands(fresh)).isTrue();
            get(timed.releaseGrant(next.id(), Optional.empty()));
            assertThat(stands(fresh)).isFalse();
        }
    }

    @Test
    @DisplayName("A range without an open that comes after the end stays, and a sweep changes nothing about it")
    void afterTheEnd() {
        open(Duration.ofMillis(100));
        Grant range = handle.granted(timed, X, 0, 10);
        clock.addAndGet(100);
        Grant after = handle.granted(timed, X, 20, 10);
        get(timed.sweep());
        clock.addAndGet(1_000_000);
        get(timed.sweep());
        assertThat(stands(range)).isFalse();
        assertThat(stands(after)).isTrue();
    }
}
