package io.lockgate.redis;

import io.lockgate.range.DifferentialTest;
import io.lockgate.range.LockQueueContract;
import io.lockgate.range.RangeLockTable;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.testing.redis.Redis7;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;

/** The queues on a Redis with functions do what every queue must do. */
class FunctionLockQueueTest extends LockQueueContract {
    @BeforeAll
    static void require() {
        Redis7.require();
    }

    private static URI redis(int database) {
        return URI.create(Redis7.shared().uri() + "/" + database);
    }

    private static final class Tables {
        private static final RedisRangeLockTable TABLE =
                RedisTables.table(Redis7.shared().uri(), Settings.DEFAULT);
        private static final RedisRangeLockTable ENFORCED = RedisTables.table(redis(5), Settings.DEFAULT.enforced());
    }

    @Override
    protected RangeLockTable table() {
        return Tables.TABLE;
    }

    @Override
    protected DifferentialTest.Queues queues() {
        return new AgingQueues(Redis7.shared().uri(), Tables.TABLE.queue());
    }

    @Override
    protected Optional<DifferentialTest.Sessions> sessions() {
        return Optional.of(new ExpiringSessions(Redis7.shared().uri(), Tables.TABLE.sessions()));
    }

    @Override
    protected Store enforced() {
        return new Store(Tables.ENFORCED, Tables.ENFORCED.queue());
    }

    @Override
    protected Store withWaiters(int perPrincipal, int perSpace) {
        RedisRangeLockTable table =
                RedisTables.table(Redis7.shared().uri(), Settings.DEFAULT.withWaiters(perPrincipal, perSpace));
        return new Store(table, table.queue());
    }
}
