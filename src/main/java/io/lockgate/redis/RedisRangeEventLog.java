package io.lockgate.redis;

import io.lockgate.event.EventListener;
import io.lockgate.event.Following;
import io.lockgate.range.Grant;
import io.lockgate.range.event.EventId;
import io.lockgate.range.event.EventPosition;
import io.lockgate.range.event.RangeEvent;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.range.queue.WaiterId;
import io.lockgate.redis.ScriptRunner.Reply;
import io.lockgate.redis.topology.CallCost;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Events in a stream of Redis for each bucket, which the scripts write ({@code lua/lib/events.lua}, ADR 47). While somebody
 * follows a bucket it is read every {@value #LOOK_MS} ms, once for all who are equally far, and registered every 10 s so that
 * events are written there. Nothing is asked of a bucket that nobody follows.
 *
 * <p>Every reading begins with the event that was read last. While that is there, nothing behind it is missing: the oldest go
 * first. When it is not, or a mark is met behind which events may be missing, the listener is told of a gap.
 *
 * <p>All state belongs to one event loop; methods may be called on any thread.
 */
public final class RedisRangeEventLog implements RangeEventLog {
    static final long LOOK_MS = 250;

    /** How long events are written after the last registration. */
    static final Duration WRITTEN_FOR = Duration.ofMinutes(10);

    /** Events of one reading: as a rule 80 KB, and no more than 400 KB with the longest names. */
    static final int PAGE = 200;

    /** Readings of one bucket in one round, for followers who come from far. */
    private static final int READINGS = 8;

    /** Registrations at once, when all buckets are registered. */
    private static final int REGISTERED_AT_ONCE = 16;

    private static final long REGISTER_NANOS = Duration.ofSeconds(10).toNanos();
    private static final Logger LOG = Logger.getLogger(RedisRangeEventLog.class);

    private final ScriptRunner runner;
    private final RedisKeys keys;
    private final EventScripts scripts = EventScripts.load();
    private final String eventsKept;
    private final Vertx vertx;
    private final Context loop;
    private final Map<Integer, Tail> tails = new HashMap<>();
    private long ticker = -1;
    private volatile int followedBuckets;

    public RedisRangeEventLog(ScriptRunner runner, RedisSettings settings) {
        this.runner = runner;
        this.keys = new RedisKeys(settings.calls().buckets());
        this.eventsKept = Integer.toString(settings.limits().fileLockEvents());
        this.vertx = runner.vertx();
        this.loop = VertxContext.getRootContext(vertx.getOrCreateContext());
    }

    /** A listener, and up to which event of each of its buckets it has been told. */
    private final class Follower implements Following {
        private final String principal;
        private final EventListener<RangeEvent, EventId> listener;
        private final Map<Integer, EventId> told = new HashMap<>();
        /** Buckets of which it has been told what there was when it came. */
        private final Set<Integer> upToDate = new HashSet<>();

        private boolean ended;

        Follower(String principal, EventPosition after, EventListener<RangeEvent, EventId> listener) {
            this.principal = principal;
            this.listener = listener;
            after.last().forEach(event -> told.put(event.bucket(), event));
        }

        EventId told(int bucket) {
            return Objects.requireNonNull(told.get(bucket));
        }

        void tell(List<RangeEvent> events, EventId upTo) {
            tell(upTo, () -> listener.events(events, upTo));
        }

        void gap(EventId position) {
            tell(position, () -> listener.gap(position));
        }

        /** A listener that fails is told nothing more: it would not know what it has missed. */
        private void tell(EventId upTo, Runnable telling) {
            if (ended) {
                return;
            }
            try {
                telling.run();
                told.put(upTo.bucket(), upTo);
            } catch (RuntimeException e) {
                LOG.warnf(e, "events could not be told; the stream of %s ends", principal);
                leave(this);
            }
        }

        @Override
        public void end() {
            loop.runOnContext(here -> leave(this));
        }
    }

    /** A bucket that somebody follows. */
    private static final class Tail {
        private final int bucket;
        private final Set<Follower> followers = new LinkedHashSet<>();
        private long registeredAt = System.nanoTime();
        private boolean looking;
        private boolean catchingUp;

        Tail(int bucket) {
            this.bucket = bucket;
        }
    }

    @Override
    public int buckets() {
        return keys.buckets();
    }

    @Override
    public Uni<EventPosition> register(String principal, Optional<Long> fileId) {
        if (fileId.isPresent()) {
            return register(keys.bucketOf(fileId.get()), principal).map(EventPosition::of);
        }
        List<Uni<EventId>> all = IntStream.range(0, keys.buckets())
                .mapToObj(bucket -> register(bucket, principal))
                .toList();
        return Uni.join()
                .all(all)
                .usingConcurrencyOf(REGISTERED_AT_ONCE)
                .andFailFast()
                .map(EventPosition::new);
    }

    /** Has the events of all buckets written, whether anybody listens or not. */
    public Uni<Void> registerAll() {
        return Multi.createFrom()
                .range(0, keys.buckets())
                .onItem()
                .transformToUniAndConcatenate(
                        bucket -> register(bucket, CallCost.SYSTEM).onFailure().recoverWithNull())
                .collect()
                .last()
                .replaceWithVoid();
    }

    /** The last event of the bucket. */
    private Uni<EventId> register(int bucket, String principal) {
        String request = runner.newRequestId();
        List<String> arguments = List.of(Long.toString(WRITTEN_FOR.toMillis()), eventsKept);
        CallCost cost = CallCost.asked(principal, 1);
        return runner.run(scripts.listen(), request, keys.ofEvents(bucket, request), arguments, false, cost)
                .map(reply -> eventId(bucket, reply.text(2)));
    }

    // ---------------------------------------------------------------- following

    /** How many buckets are read. */
    int followedBuckets() {
        return followedBuckets;
    }

    @Override
    public Following follow(String principal, EventPosition after, EventListener<RangeEvent, EventId> listener) {
        Follower follower = new Follower(principal, after, listener);
        loop.runOnContext(here -> begin(follower));
        return follower;
    }

    private void begin(Follower follower) {
        if (follower.ended) {
            return;
        }
        for (int bucket : follower.told.keySet()) {
            Tail tail = tails.computeIfAbsent(bucket, Tail::new);
            tail.followers.add(follower);
            look(tail);
        }
        followedBuckets = tails.size();
        if (ticker < 0) {
            ticker = vertx.setPeriodic(LOOK_MS, fired -> tick());
        }
    }

    private void leave(Follower follower) {
        follower.ended = true;
        for (int bucket : follower.told.keySet()) {
            Tail tail = tails.get(bucket);
            if (tail != null && tail.followers.remove(follower) && tail.followers.isEmpty()) {
                tails.remove(bucket);
            }
        }
        followedBuckets = tails.size();
        if (tails.isEmpty() && ticker >= 0) {
            vertx.cancelTimer(ticker);
            ticker = -1;
        }
    }

    private void tick() {
        long now = System.nanoTime();
        for (Tail tail : List.copyOf(tails.values())) {
            if (now - tail.registeredAt > REGISTER_NANOS) {
                tail.registeredAt = now;
                register(tail.bucket, CallCost.SYSTEM)
                        .subscribe()
                        .with(event -> {}, failure -> failed(tail.bucket, failure));
            }
            look(tail);
        }
    }

    /** One round at a time; a round that fails is made up for by the next. */
    private void look(Tail tail) {
        Map<EventId, List<Follower>> near = new LinkedHashMap<>();
        Map<EventId, List<Follower>> far = new LinkedHashMap<>();
        for (Follower follower : tail.followers) {
            if (!follower.listener.isReady()) {
                // What it misses meanwhile it catches up with on its own account.
                follower.upToDate.remove(tail.bucket);
                continue;
            }
            (follower.upToDate.contains(tail.bucket) ? near : far)
                    .computeIfAbsent(follower.told(tail.bucket), none -> new ArrayList<>())
                    .add(follower);
        }
        // Nobody who is up to date waits for those who come from far: their users may have used up their turns.
        if (!tail.looking && !near.isEmpty()) {
            tail.looking = true;
            read(tail, near, () -> tail.looking = false);
        }
        if (!tail.catchingUp && !far.isEmpty()) {
            tail.catchingUp = true;
            List<EventId> some = new ArrayList<>(far.keySet());
            Collections.shuffle(some);
            far.keySet().retainAll(some.subList(0, Math.min(READINGS, some.size())));
            read(tail, far, () -> tail.catchingUp = false);
        }
    }

    /** One group after the other. */
    private void read(Tail tail, Map<EventId, List<Follower>> groups, Runnable whenDone) {
        Uni<Boolean> round = Uni.createFrom().item(false);
        for (Map.Entry<EventId, List<Follower>> group : groups.entrySet()) {
            round = round.flatMap(
                    more -> readOrFail(group.getKey(), group.getValue()).map(full -> more || full));
        }
        round.onFailure()
                .recoverWithItem(false)
                .subscribe()
                .with(more -> loop.runOnContext(here -> {
                    whenDone.run();
                    if (more) {
                        look(tail);
                    }
                }));
    }

    /** The failure of one group keeps nothing from the others. */
    private Uni<Boolean> readOrFail(EventId event, List<Follower> group) {
        return Uni.createFrom()
                .deferred(() -> read(event, group))
                .onFailure()
                .invoke(failure -> failed(event.bucket(), failure))
                .onFailure()
                .recoverWithItem(false);
    }

    private static void failed(int bucket, Throwable failure) {
        LOG.debugf("events of bucket %d could not be read: %s", bucket, failure.getMessage());
    }

    /** Tells a group what is behind an event; answers whether there may be more. */
    private Uni<Boolean> read(EventId event, List<Follower> group) {
        String request = runner.newRequestId();
        List<String> arguments = List.of(text(event), Integer.toString(PAGE));
        return runner.run(
                        scripts.read(),
                        request,
                        keys.ofEvents(event.bucket(), request),
                        arguments,
                        false,
                        cost(event.bucket(), group))
                .flatMap(reply -> switch (reply.status()) {
                    case "events" -> {
                        boolean isFull = (reply.size() - 2) / 3 >= PAGE;
                        loop.runOnContext(here -> {
                            // Others may have become slow since, by what other buckets told them: they are read to
                            // again.
                            List<Follower> ready = stillAt(event, group)
                                    .filter(one -> one.listener.isReady())
                                    .toList();
                            tell(event.bucket(), reply, ready);
                            if (!isFull) {
                                ready.forEach(one -> one.upToDate.add(event.bucket()));
                            }
                        });
                        yield Uni.createFrom().item(isFull);
                    }
                    case "gone" ->
                        register(event.bucket(), CallCost.SYSTEM)
                                .invoke(last -> loop.runOnContext(
                                        here -> stillAt(event, group).toList().forEach(one -> one.gap(last))))
                                .replaceWith(true);
                    default -> throw RedisRangeLockTable.unknown(reply);
                });
    }

    /** One that was slow for a moment may stand in two readings at once; the first to answer tells it. */
    private static Stream<Follower> stillAt(EventId event, List<Follower> group) {
        return group.stream().filter(one -> one.told(event.bucket()).equals(event));
    }

    /** What all are told is on nobody's account; what somebody reads of the past is on its own. */
    private static CallCost cost(int bucket, List<Follower> group) {
        return group.stream().anyMatch(one -> one.upToDate.contains(bucket))
                ? CallCost.asked(CallCost.EVENTS, 1)
                : CallCost.asked(group.getFirst().principal, CallCost.ofEntries(PAGE));
    }

    private void tell(int bucket, Reply reply, List<Follower> group) {
        List<RangeEvent> events = new ArrayList<>();
        @Nullable EventId last = null;
        for (int i = 2; i < reply.size(); i += 3) {
            EventId id = eventId(bucket, reply.text(i));
            Optional<RangeEvent> event = event(id, reply.text(i + 1), reply.text(i + 2));
            if (event.isPresent()) {
                events.add(event.get());
                last = id;
            } else {
                tell(List.copyOf(events), last, group);
                events.clear();
                last = null;
                group.forEach(follower -> follower.gap(id));
            }
        }
        tell(events, last, group);
    }

    private static void tell(List<RangeEvent> events, @Nullable EventId last, List<Follower> group) {
        if (last != null) {
            group.forEach(follower -> follower.tell(events, last));
        }
    }

    // ---------------------------------------------------------------- text

    private static EventId eventId(int bucket, String text) {
        int hyphen = text.indexOf('-');
        return new EventId(
                bucket, Long.parseLong(text, 0, hyphen, 10), Long.parseLong(text, hyphen + 1, text.length(), 10));
    }

    private static String text(EventId event) {
        return event.millis() + "-" + event.sequence();
    }

    /** Empty for a mark, and for what a later version has written: behind it events may be missing. */
    private static Optional<RangeEvent> event(EventId id, String kind, String text) {
        try {
            return known(id, kind, text);
        } catch (IllegalStateException | IndexOutOfBoundsException | NumberFormatException e) {
            LOG.debugf("event %s of bucket %d is not understood: %s", text(id), id.bucket(), e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<RangeEvent> known(EventId id, String kind, String text) {
        return kind(kind).map(known -> {
            String grantId = text.substring(0, ID);
            long waiter = GrantRows.number(text.substring(ID, 2 * ID));
            Grant grant = GrantRows.grant(id.bucket(), grantId, text.substring(2 * ID), id.millis());
            return new RangeEvent(
                    id, known, waiter == 0 ? Optional.empty() : Optional.of(new WaiterId(id.bucket(), waiter)), grant);
        });
    }

    private static final int ID = 16;

    private static Optional<RangeEvent.Kind> kind(String letter) {
        return switch (letter) {
            case "g" -> Optional.of(RangeEvent.Kind.GRANTED);
            case "q" -> Optional.of(RangeEvent.Kind.QUEUED);
            case "r" -> Optional.of(RangeEvent.Kind.RELEASED);
            case "x" -> Optional.of(RangeEvent.Kind.EXPIRED);
            case "b" -> Optional.of(RangeEvent.Kind.BROKEN);
            default -> Optional.empty();
        };
    }
}
