package io.lockgate.range;

import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.WaitGraph;
import io.lockgate.range.queue.WaiterId;
import java.time.Duration;
import java.util.Optional;

/** The model does what every queue must do. */
class InMemoryLockQueueTest extends LockQueueContract {
    private final InMemoryRangeLockTable table = model(false);

    private static InMemoryRangeLockTable model(boolean enforced) {
        return new InMemoryRangeLockTable(System::currentTimeMillis, enforced, 4_096);
    }

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
    protected Store enforced() {
        InMemoryRangeLockTable model = model(true);
        return new Store(model, model.queue());
    }

    @Override
    protected Store withWaiters(int perPrincipal, int perSpace) {
        InMemoryRangeLockTable model = model(false).withWaiters(perPrincipal, perSpace);
        return new Store(model, model.queue());
    }

    /** The queues of a model. */
    record InMemoryQueues(InMemoryRangeLockTable model) implements DifferentialTest.Queues {
        @Override
        public LockQueue queue() {
            return model.queue();
        }

        @Override
        public WaitGraph graph() {
            return model.queue().graph();
        }

        @Override
        public void age(WaiterId id, Duration by) {
            model.queue().age(id, by);
        }
    }

    /** The sessions of a model. */
    record InMemorySessions(InMemoryRangeLockTable model) implements DifferentialTest.Sessions {
        @Override
        public SessionTable table() {
            return model.sessions();
        }

        @Override
        public void expire(SessionId id) {
            model.expire(id);
        }
    }
}
