package io.lockgate.range;

import io.lockgate.range.InMemoryLockQueueTest.InMemoryQueues;

/** The model does what every graph of waits must do. */
class InMemoryWaitGraphTest extends WaitGraphContract {
    private final InMemoryRangeLockTable table = new InMemoryRangeLockTable(System::currentTimeMillis, false, 4_096);

    @Override
    protected RangeLockTable table() {
        return table;
    }

    @Override
    protected DifferentialTest.Queues queues() {
        return new InMemoryQueues(table);
    }
}
