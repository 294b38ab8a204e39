package io.lockgate.postgres;

import io.lockgate.event.EventListener;
import io.lockgate.event.Following;
import io.lockgate.event.LockEvent;
import io.lockgate.event.LockEventLog;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Events in the table {@code lock_events}, which triggers write (ADR 44). While somebody follows it is asked every {@value
 * #LOOK_MS} ms for what is complete; what is new is read once for all who are up to date, and page by page for each who comes
 * from the past. Nothing is asked while nobody follows.
 *
 * <p>All state belongs to one event loop; methods may be called on any thread.
 */
public final class PostgresLockEventLog implements LockEventLog {
    private static final Logger LOG = Logger.getLogger(PostgresLockEventLog.class);

    static final long LOOK_MS = 250;

    /** Rows of a page; at most about 350 KB. */
    static final int PAGE = 500;

    /** Pages read in one round. */
    private static final int READINGS = 8;

    private static final int PRUNED = 5_000;
    private static final int PRUNE_ROUNDS = 20;

    private static final String WRITTEN = "SELECT last, writers FROM lock_events_written()";

    /** A row with the last that was deleted, whether there are others or not. */
    private static final String READ = """
            SELECT h.pruned, e.id, e.event, e.kind, e.scope, e.name, e.subject, COALESCE(u.username, ''), e.lock_id,
                   CAST(EXTRACT(EPOCH FROM e.at) * 1000000 AS BIGINT)
            FROM lock_event_history h
            LEFT JOIN LATERAL (SELECT * FROM lock_events n WHERE n.id > :after AND n.id <= :last ORDER BY n.id LIMIT :page) e
            ON TRUE
            LEFT JOIN users u ON u.id = e.subject
            ORDER BY e.id
            """;

    private static final String PRUNE = """
            WITH gone AS (DELETE FROM lock_events WHERE id IN (
                              SELECT id FROM lock_events WHERE id <= (SELECT max(id) FROM lock_events) - :keep
                              ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED)
                          RETURNING id)
            UPDATE lock_event_history SET pruned = greatest(pruned, (SELECT max(id) FROM gone))
            WHERE EXISTS (SELECT 1 FROM gone) RETURNING (SELECT count(*) FROM gone), pruned
            """;

    /** Up to which position everything is there, once those who still write have ended. */
    private record Written(long last, Set<String> writers) {}

    private final class Follower implements Following {
        private final EventListener<LockEvent, Long> listener;
        /** All up to it has been told; empty until it is known where it begins. */
        private OptionalLong told;

        private boolean ended;

        Follower(OptionalLong after, EventListener<LockEvent, Long> listener) {
            this.told = after;
            this.listener = listener;
        }

        void tell(List<LockEvent> events, long upTo) {
            if (!ended) {
                told = OptionalLong.of(upTo);
                listener.events(events, upTo);
            }
        }

        void gap(long position) {
            if (!ended) {
                told = OptionalLong.of(position);
                listener.gap(position);
            }
        }

        @Override
        public void end() {
            loop.runOnContext(here -> leave(this));
        }
    }

    private final Vertx vertx;
    private final Context loop;
    private final PostgresCalls calls;
    private final Set<Follower> followers = new LinkedHashSet<>();

    /** Everything up to it can be read; none until somebody follows. */
    private OptionalLong complete = OptionalLong.empty();

    private @Nullable Written pending;
    private boolean looking;
    private long ticker = -1;

    public PostgresLockEventLog(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads) {
        this.vertx = vertx;
        this.loop = VertxContext.getRootContext(vertx.getOrCreateContext());
        this.calls = new PostgresCalls(
                vertx, bulkheads, PostgresUse.LOCK_QUEUE, limits.timeout(), IllegalStateException::new);
    }

    @Override
    public Following follow(OptionalLong after, EventListener<LockEvent, Long> listener) {
        Follower follower = new Follower(after, listener);
        loop.runOnContext(here -> {
            if (!follower.ended) {
                followers.add(follower);
                if (ticker < 0) {
                    // What was complete when somebody followed last says nothing of now.
                    complete = OptionalLong.empty();
                    pending = null;
                    ticker = vertx.setPeriodic(LOOK_MS, fired -> look());
                }
                look();
            }
        });
        return follower;
    }

    @Override
    public Uni<Void> prune(int keep) {
        return prune(keep, PRUNE_ROUNDS);
    }

    private Uni<Void> prune(int keep, int rounds) {
        return calls.inSession(() -> Rows.one(PRUNE, Map.of("keep", keep, "most", PRUNED)))
                .chain(row -> row.isPresent() && Rows.number(row.get()[0]) == PRUNED && rounds > 1
                        ? prune(keep, rounds - 1)
                        : Uni.createFrom().voidItem());
    }

    private void leave(Follower follower) {
        follower.ended = true;
        followers.remove(follower);
        if (followers.isEmpty() && ticker >= 0) {
            vertx.cancelTimer(ticker);
            ticker = -1;
        }
    }

    /** One round at a time; a round that fails is made up for by the next. */
    private void look() {
        if (looking || followers.isEmpty()) {
            return;
        }
        looking = true;
        calls.inSession(() -> Rows.all(WRITTEN, Map.of()).map(rows -> written(rows.getFirst())))
                .chain(this::tell)
                .subscribe()
                .with(done -> looking = false, failure -> {
                    looking = false;
                    LOG.debugf("events of locks could not be read: %s", failure.getMessage());
                });
    }

    private static Written written(Object[] row) {
        String writers = Rows.text(row[1]);
        return new Written(Rows.number(row[0]), writers.isEmpty() ? Set.of() : Set.of(writers.split(",")));
    }

    private Uni<Void> tell(Written now) {
        @Nullable Written before = pending;
        if (before != null && before.writers().stream().noneMatch(now.writers()::contains)) {
            complete = OptionalLong.of(before.last());
            pending = null;
        }
        if (now.writers().isEmpty()) {
            complete = OptionalLong.of(now.last());
            pending = null;
        } else if (pending == null) {
            pending = now;
        }
        if (complete.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tellUpTo(complete.getAsLong(), now.last());
    }

    /** @param drawn the last position that has been given at all */
    private Uni<Void> tellUpTo(long last, long drawn) {
        TreeMap<Long, List<Follower>> behind = new TreeMap<>();
        for (Follower follower : followers) {
            if (follower.told.isEmpty()) {
                follower.tell(List.of(), last);
            } else if (follower.told.getAsLong() > Math.max(last, drawn)) {
                follower.gap(last);
            } else if (follower.told.getAsLong() < last && follower.listener.isReady()) {
                behind.computeIfAbsent(follower.told.getAsLong(), none -> new ArrayList<>())
                        .add(follower);
            }
        }
        Uni<Void> all = Uni.createFrom().voidItem();
        int readings = 0;
        // Those who are nearest first: they do not wait for those who come from far.
        for (Map.Entry<Long, List<Follower>> group : behind.descendingMap().entrySet()) {
            if (readings++ == READINGS) {
                break;
            }
            all = all.chain(() -> read(group.getKey(), last, group.getValue()));
        }
        return all;
    }

    private Uni<Void> read(long after, long last, List<Follower> group) {
        return calls.inSession(() -> Rows.all(READ, Map.of("after", after, "last", last, "page", PAGE)))
                .invoke(rows -> {
                    long pruned = Rows.number(rows.getFirst()[0]);
                    List<LockEvent> events = rows.stream()
                            .filter(row -> row[1] != null)
                            .map(PostgresLockEventLog::event)
                            .toList();
                    long upTo = events.size() < PAGE ? last : events.getLast().position();
                    for (Follower follower : group) {
                        if (pruned > after) {
                            follower.gap(Math.min(pruned, last));
                        } else {
                            follower.tell(events, upTo);
                        }
                    }
                })
                .replaceWithVoid();
    }

    private static LockEvent event(Object[] row) {
        return new LockEvent(
                Rows.number(row[1]),
                LockEvent.Type.valueOf(Rows.text(row[2]).toUpperCase(Locale.ROOT)),
                LockEvent.Kind.valueOf(Rows.text(row[3]).toUpperCase(Locale.ROOT)),
                Rows.text(row[4]),
                Rows.text(row[5]),
                Rows.number(row[6]),
                Rows.text(row[7]),
                row[8] == null ? OptionalLong.empty() : OptionalLong.of(Rows.number(row[8])),
                Instant.EPOCH.plus(Rows.number(row[9]), ChronoUnit.MICROS));
    }
}
