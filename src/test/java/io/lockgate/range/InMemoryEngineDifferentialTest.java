package io.lockgate.range;

import java.util.Optional;

/**
 * The model agrees with a second instance of itself: what {@link EngineDifferentialTest} reports is never its own
 * noise.
 */
class InMemoryEngineDifferentialTest extends EngineDifferentialTest {
    private final InMemoryRangeLockTable table =
            new InMemoryRangeLockTable(System::currentTimeMillis, false, RANGES_PER_OWNER_AND_SPACE);
    private final InMemoryRangeLockTable enforced =
            new InMemoryRangeLockTable(System::currentTimeMillis, true, RANGES_PER_OWNER_AND_SPACE);

    private final RangeLockTable fewGrants =
            new InMemoryRangeLockTable(System::currentTimeMillis, false, RANGES_PER_OWNER_AND_SPACE, GRANTS);

    @Override
    protected Optional<RangeLockTable> tableWithGrantLimit() {
        return Optional.of(fewGrants);
    }

    @Override
    protected RangeLockTable table() {
        return table;
    }

    @Override
    protected Optional<RangeLockTable> enforcedTable() {
        return Optional.of(enforced);
    }

    @Override
    protected Optional<DifferentialTest.Sessions> sessions() {
        return Optional.of(new InMemoryLockQueueTest.InMemorySessions(table));
    }

    @Override
    protected Optional<DifferentialTest.Queues> queues() {
        return Optional.of(new InMemoryLockQueueTest.InMemoryQueues(table));
    }

    @Override
    protected Optional<DifferentialTest.Queues> enforcedQueues() {
        return Optional.of(new InMemoryLockQueueTest.InMemoryQueues(enforced));
    }
}
