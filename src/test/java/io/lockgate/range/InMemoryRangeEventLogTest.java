package io.lockgate.range;

import io.lockgate.range.InMemoryLockQueueTest.InMemoryQueues;
import io.lockgate.range.InMemoryLockQueueTest.InMemorySessions;
import io.lockgate.range.event.RangeEventLog;
import java.util.Optional;

/** The model does what every log of events must do. */
class InMemoryRangeEventLogTest extends RangeEventLogContract {
    private final InMemoryRangeLockTable table = new InMemoryRangeLockTable(System::currentTimeMillis, false, 4_096);

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
    protected Optional<DifferentialTest.Sessions> sessions() {
        return Optional.of(new InMemorySessions(table));
    }

    @Override
    protected RangeEventLog log() {
        return log;
    }
}
