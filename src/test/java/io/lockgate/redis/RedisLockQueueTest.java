package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.LockQueueContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** The queues on one Redis do what every queue must do. */
class RedisLockQueueTest extends LockQueueContract {
    private static final URI REDIS = RedisTables.database(8);
    private static final URI OTHER = RedisTables.database(7);
    private static final RedisRangeLockTable TABLE = RedisTables.table(REDIS, Settings.DEFAULT);
    private static final RedisRangeLockTable ENFORCED = RedisTables.table(OTHER, Settings.DEFAULT.enforced());

    @Override
    protected RangeLockTable table() {
        return TABLE;
    }

    @Override
    protected DifferentialTest.Queues queues() {
        return new AgingQueues(REDIS, TABLE.queue());
    }

    @Override
    protected Optional<DifferentialTest.Sessions> sessions() {
        return Optional.of(new ExpiringSessions(REDIS, TABLE.sessions()));
    }

    @Override
    protected Store enforced() {
        return new Store(ENFORCED, ENFORCED.queue());
    }

    @Override
    protected Store withWaiters(int perPrincipal, int perSpace) {
        RedisRangeLockTable table = RedisTables.table(REDIS, Settings.DEFAULT.withWaiters(perPrincipal, perSpace));
        return new Store(table, table.queue());
    }

    @AfterEach
    void indexesAgreeWithRows() {
        TableInvariants.hold(REDIS);
    }
}
