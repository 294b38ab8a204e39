package io.lockgate.range;

import io.lockgate.event.EventListener;
import io.lockgate.event.Following;
import io.lockgate.range.InMemoryRangeLockTable.Row;
import io.lockgate.range.event.EventId;
import io.lockgate.range.event.EventPosition;
import io.lockgate.range.event.RangeEvent;
import io.lockgate.range.event.RangeEvent.Kind;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.range.queue.WaiterId;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The events of an {@link InMemoryRangeLockTable}, worked out as plainly as possible: after each step the rows that stand are
 * compared with those that stood before it. It writes always, and keeps everything.
 */
public final class InMemoryRangeEventLog implements RangeEventLog {
    private static final long PAUSE_NANOS = 10_000_000;

    private final InMemoryRangeLockTable table;
    private final Map<Integer, List<Entry>> entries = new TreeMap<>();
    private List<Row> before = List.of();
    private long sequence;

    /** @param event none for the mark at the beginning */
    private record Entry(EventId id, @Nullable RangeEvent event) {}

    InMemoryRangeEventLog(InMemoryRangeLockTable table) {
        this.table = table;
        for (int bucket = 0; bucket < InMemoryRangeLockTable.BUCKETS; bucket++) {
            entries.put(bucket, new CopyOnWriteArrayList<>(List.of(new Entry(nextId(bucket), null))));
        }
    }

    private EventId nextId(int bucket) {
        return new EventId(bucket, table.now(), ++sequence);
    }

    // ------------------------------------------------------------------------------------------------- what happens

    /** Behind each step of the table, under its lock. */
    void observe() {
        List<InMemoryLockQueue.Change> ofQueue = table.queue().changes();
        Map<GrantId, WaiterId> confirmed = new HashMap<>();
        table.queue()
                .confirmed()
                .forEach((grant, waiter) -> table.named(grant)
                        .ifPresent(row -> confirmed.put(table.grant(row).id(), waiter)));
        List<Row> now = table.live();
        List<Row> ends = new ArrayList<>();
        for (Row row : before) {
            if (row.semantics() == LockSemantics.SMB) {
                if (now.stream().noneMatch(other -> isSame(row, other))) {
                    ends.add(row);
                }
            } else {
                InMemoryRangeLockTable.minus(row.range(), of(now, row, false))
                        .forEach(part -> ends.add(row.withRange(part)));
            }
        }
        ends.sort(Comparator.comparingLong(Row::sequence)
                .thenComparing(row -> row.range().first(), Long::compareUnsigned));
        ends.forEach(row -> write(kindOfEnd(row), Optional.empty(), table.grant(row)));
        List<Row> grants = now.stream()
                .filter(row ->
                        isGained(row) || confirmed.containsKey(table.grant(row).id()))
                .sorted(Comparator.comparingLong(Row::sequence))
                .toList();
        for (Row row : grants) {
            Grant grant = table.grant(row);
            write(Kind.GRANTED, Optional.ofNullable(confirmed.get(grant.id())), grant);
        }
        ofQueue.forEach(change -> write(change.kind(), Optional.of(change.waiter()), change.grant()));
        before = now;
    }

    private Kind kindOfEnd(Row row) {
        if (table.isBroken(row)) {
            return Kind.BROKEN;
        }
        return table.hasLapsed(row) ? Kind.EXPIRED : Kind.RELEASED;
    }

    private boolean isGained(Row row) {
        return row.semantics() == LockSemantics.SMB
                ? before.stream().noneMatch(other -> isSame(row, other))
                : !InMemoryRangeLockTable.minus(row.range(), of(before, row, true))
                        .isEmpty();
    }

    private static boolean isSame(Row a, Row b) {
        return a.sequence() == b.sequence() && a.space().equals(b.space());
    }

    /** Rows of the same POSIX owner in the same space; held in the same way, if that is asked. */
    private static List<Row> of(List<Row> rows, Row row, boolean sameWay) {
        return rows.stream()
                .filter(other -> other.semantics() == LockSemantics.POSIX
                        && other.space().equals(row.space())
                        && other.owner().equals(row.owner())
                        && (!sameWay || isHeldSo(row, other)))
                .toList();
    }

    private static boolean isHeldSo(Row a, Row b) {
        return a.protocol() == b.protocol()
                && a.modes().equals(b.modes())
                && Objects.equals(a.session(), b.session())
                && (a.deadline() == null) == (b.deadline() == null);
    }

    private void write(Kind kind, Optional<WaiterId> waiter, Grant grant) {
        int bucket = grant.id().bucket();
        EventId id = nextId(bucket);
        entriesOf(bucket).add(new Entry(id, new RangeEvent(id, kind, waiter, grant)));
    }

    private List<Entry> entriesOf(int bucket) {
        return Objects.requireNonNull(entries.get(bucket));
    }

    // ------------------------------------------------------------------------------------------------- the port

    @Override
    public int buckets() {
        return InMemoryRangeLockTable.BUCKETS;
    }

    @Override
    public Uni<EventPosition> register(String principal, Optional<Long> fileId) {
        return table.atomically(() -> fileId
                .map(id -> List.of(InMemoryRangeLockTable.bucketOf(LockSpace.head(id))))
                .orElseGet(() -> IntStream.range(0, buckets()).boxed().toList())
                .stream()
                .map(bucket -> entriesOf(bucket).getLast().id())
                .collect(Collectors.collectingAndThen(Collectors.toList(), EventPosition::new)));
    }

    private final class Follower implements Following {
        private final Map<Integer, EventId> told = new TreeMap<>();
        private final EventListener<RangeEvent, EventId> listener;
        private volatile boolean ended;

        Follower(EventPosition after, EventListener<RangeEvent, EventId> listener) {
            this.listener = listener;
            after.last().forEach(id -> told.put(id.bucket(), id));
        }

        void run() {
            while (!ended) {
                pump();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }

        private void pump() {
            for (int bucket : List.copyOf(told.keySet())) {
                List<Entry> all = List.copyOf(entriesOf(bucket));
                int at = all.stream().map(Entry::id).toList().indexOf(told.get(bucket));
                EventId last = all.getLast().id();
                if (!listener.isReady() || at == all.size() - 1) {
                    continue;
                }
                told.put(bucket, last);
                if (at < 0) {
                    listener.gap(last);
                } else {
                    listener.events(
                            all.subList(at + 1, all.size()).stream()
                                    .map(entry -> Objects.requireNonNull(entry.event()))
                                    .toList(),
                            last);
                }
            }
        }

        @Override
        public void end() {
            ended = true;
        }
    }

    @Override
    public Following follow(String principal, EventPosition after, EventListener<RangeEvent, EventId> listener) {
        Follower follower = new Follower(after, listener);
        Thread.ofPlatform().daemon().name("events-of-the-model").start(follower::run);
        return follower;
    }
}
