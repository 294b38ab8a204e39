package io.lockgate.range;

import io.lockgate.range.InMemoryRangeLockTable.Row;
import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.breaks.Standing;
import io.lockgate.range.breaks.Undoing;
import io.lockgate.range.queue.Waiter;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The breaks of an {@link InMemoryRangeLockTable}, written as plainly as the table: one list of what was announced and one
 * of what was broken, read from end to end by every call, under the lock of the table.
 */
final class InMemoryLockBreaker implements LockBreaker {
    private final InMemoryRangeLockTable table;
    private final InMemoryOnce.Records keys;
    private final Map<IdempotencyKey, Optional<Standing>> answers = new HashMap<>();
    private List<Announced> announced = new ArrayList<>();
    private List<Broken> broken = new ArrayList<>();

    InMemoryLockBreaker(InMemoryRangeLockTable table, InMemoryOnce.Records keys) {
        this.table = table;
        this.keys = keys;
    }

    /**
     * A break to come.
     *
     * @param id which lock was meant
     * @param token that it had then
     * @param deadline milliseconds of the table's clock
     */
    private record Announced(GrantId id, long token, long deadline) {}

    /**
     * A break that was done.
     *
     * @param rows all that ended, as they stood
     * @param waited whether somebody waited for bytes of them
     * @param at milliseconds of the table's clock
     */
    private record Broken(List<Row> rows, boolean waited, long at) {}

    // ---------------------------------------------------------------------------------------------------- the port

    @Override
    public LockBreaker once(IdempotencyKey key) {
        return new Once(key);
    }

    @Override
    public Uni<Optional<Standing>> look(GrantId id) {
        return table.atomically(() -> table.named(id).map(this::standing));
    }

    @Override
    public Uni<Optional<Standing>> breakNow(GrantId id) {
        return table.atomically(() -> {
            Optional<Row> row = table.named(id);
            Optional<Standing> standing = row.map(this::standing);
            row.ifPresent(ends -> end(lockOf(ends)));
            return standing;
        });
    }

    @Override
    public Uni<Optional<Standing>> announce(GrantId id, Duration in, String reason) {
        return table.atomically(() -> table.named(id).map(row -> {
            forget(lockOf(row));
            long deadline = table.now() + in.toMillis();
            announced.add(new Announced(id, row.token(), deadline));
            table.tell(row, Notice.Kind.ANNOUNCED, Optional.of(deadline), reason);
            return standing(row);
        }));
    }

    @Override
    public Uni<Boolean> cancel(GrantId id) {
        return table.atomically(() -> {
            Set<Row> meant = new HashSet<>(table.named(id).map(this::lockOf).orElse(List.of()));
            List<Announced> cancelled = announced.stream()
                    .filter(a -> !lockOf(a).isEmpty())
                    .filter(a -> a.id().equals(id) || lockOf(a).stream().anyMatch(meant::contains))
                    .toList();
            for (Announced one : cancelled) {
                announced.remove(one);
                Row told = table.named(one.id()).orElseGet(() -> lockOf(one).getFirst());
                table.tell(told, Notice.Kind.CANCELLED, Optional.empty(), "");
            }
            return !cancelled.isEmpty();
        });
    }

    @Override
    public Uni<Undoing> undo(GrantId id) {
        return table.atomically(() -> {
            Optional<Broken> found = broken.reversed().stream()
                    .filter(this::canBeUndone)
                    .filter(b -> b.rows().stream().anyMatch(row -> isNamed(row, id)))
                    .findFirst();
            return found.map(b -> undo(b, id)).orElseGet(Undoing.NothingBroken::new);
        });
    }

    @Override
    public Uni<Long> sweep() {
        return table.atomically(() -> {
            long count = 0;
            for (Announced due : List.copyOf(announced)) {
                if (due.deadline() <= table.now()) {
                    List<Row> lock = lockOf(due);
                    announced.remove(due);
                    if (!lock.isEmpty()) {
                        end(lock);
                        count++;
                    }
                }
            }
            broken = new ArrayList<>(broken.stream().filter(this::canBeUndone).toList());
            return count;
        });
    }

    /** The same for one call under a key: an order that did something is kept, and nothing is forgotten with time. */
    private final class Once implements LockBreaker {
        private final IdempotencyKey key;

        Once(IdempotencyKey key) {
            this.key = key;
        }

        private Uni<Optional<Standing>> once(Supplier<Uni<Optional<Standing>>> call) {
            return table.atomically(() -> {
                keys.claim(key);
                Optional<Standing> answer = Optional.ofNullable(answers.get(key))
                        .orElseGet(() -> call.get().await().indefinitely());
                if (answer.isPresent()) {
                    answers.put(key, answer);
                }
                return answer;
            });
        }

        @Override
        public Uni<Optional<Standing>> breakNow(GrantId id) {
            return once(() -> InMemoryLockBreaker.this.breakNow(id));
        }

        @Override
        public Uni<Optional<Standing>> announce(GrantId id, Duration in, String reason) {
            return once(() -> InMemoryLockBreaker.this.announce(id, in, reason));
        }

        @Override
        public LockBreaker once(IdempotencyKey other) {
            return InMemoryLockBreaker.this.once(other);
        }

        @Override
        public Uni<Optional<Standing>> look(GrantId id) {
            return InMemoryLockBreaker.this.look(id);
        }

        @Override
        public Uni<Boolean> cancel(GrantId id) {
            return InMemoryLockBreaker.this.cancel(id);
        }

        @Override
        public Uni<Undoing> undo(GrantId id) {
            return InMemoryLockBreaker.this.undo(id);
        }

        @Override
        public Uni<Long> sweep() {
            return InMemoryLockBreaker.this.sweep();
        }
    }

    // ------------------------------------------------------------------------------------------------- what is meant

    private static boolean isNamed(Row row, GrantId id) {
        return InMemoryRangeLockTable.bucketOf(row.space()) == id.bucket()
                && row.ids().contains(id.sequence());
    }

    /** The row and all that answer to its token, the oldest first. */
    private List<Row> lockOf(Row row) {
        return lockOf(InMemoryRangeLockTable.nameOf(row), row.token());
    }

    private List<Row> lockOf(Announced order) {
        return lockOf(order.id(), order.token());
    }

    private List<Row> lockOf(GrantId id, long token) {
        return table.live().stream()
                .filter(row -> isNamed(row, id)
                        || (InMemoryRangeLockTable.bucketOf(row.space()) == id.bucket()
                                && row.tokens().contains(token)))
                .sorted(Comparator.comparing(Row::sequence, Long::compareUnsigned))
                .toList();
    }

    /** The break of a lock has come or was replaced: what was announced of it is gone. */
    private void forget(List<Row> lock) {
        announced = new ArrayList<>(announced.stream()
                .filter(a -> lockOf(a).stream().noneMatch(lock::contains))
                .toList());
    }

    /** When a row will be broken, as it shows it: under the token that it had when that was announced. */
    Optional<Long> deadlineOf(Row row) {
        return announced.stream()
                .filter(a ->
                        a.id().bucket() == InMemoryRangeLockTable.bucketOf(row.space()) && a.token() == row.token())
                .map(Announced::deadline)
                .findFirst();
    }

    private Standing standing(Row row) {
        List<Row> ends = table.endingWith(lockOf(row));
        List<Waiter> next = table.ifEnded(ends, () -> table.queue().next(row.space()));
        return new Standing(
                table.grant(row),
                Instant.ofEpochMilli(table.acquiredAt(row)),
                next.stream().limit(MOST_NEXT).toList(),
                next.size() > MOST_NEXT);
    }

    // ------------------------------------------------------------------------------------------------------ the deeds

    private void end(List<Row> lock) {
        List<Row> ends = table.endingWith(lock);
        boolean waited = ends.stream().anyMatch(table.queue()::isWaitedFor);
        forget(lock);
        broken.add(new Broken(ends, waited, table.now()));
        table.breakRows(ends);
    }

    private boolean canBeUndone(Broken one) {
        return one.at() + UNDO_WITHIN.toMillis() > table.now();
    }

    private Undoing undo(Broken one, GrantId id) {
        if (one.rows().stream().anyMatch(table::isOver)) {
            return new Undoing.Expired();
        }
        if (one.waited()) {
            return new Undoing.Waited();
        }
        for (Row row : one.rows()) {
            Optional<Conflict> conflict = table.inTheWayOfReturn(row);
            if (conflict.isPresent()) {
                return new Undoing.InTheWay(conflict.get());
            }
        }
        broken.remove(one);
        List<Row> restored = table.restore(one.rows());
        restored.forEach(row -> table.tell(row, Notice.Kind.RESTORED, Optional.empty(), ""));
        return new Undoing.Restored(table.grant(
                restored.stream().filter(row -> isNamed(row, id)).findFirst().orElseThrow()));
    }
}
