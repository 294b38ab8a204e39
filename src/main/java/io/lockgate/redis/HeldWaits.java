package io.lockgate.redis;

import io.lockgate.range.queue.WaiterId;
import io.lockgate.redis.RedisLockQueue.Look;
import io.lockgate.redis.topology.Subscription;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The calls of this gateway that wait for a byte range. Each is an entry here: no thread, no connection to Redis, no place
 * among the calls in flight.
 *
 * <p>A script that changes what a waiter waits for publishes the waiter's id; the gateway that holds its call asks for it
 * then. As a safety net, and so that they keep their turn, all are asked for together every {@link #LOOK_NANOS}, and every
 * two seconds while nothing is heard from Redis, and once when it is heard again. Other gateways' waiters are none of its business.
 *
 * <p>All state belongs to one event loop; methods may be called on any thread.
 */
final class HeldWaits {
    /** What {@code lua/lib/queue.lua} publishes on. */
    private static final String CHANNEL = "lg:1:wake";

    private static final long TICK_MS = 250;
    private static final long LOOK_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long LOOK_UNTOLD_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long LISTEN_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LISTENS_WITHIN_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long LINGER_NANOS = Duration.ofSeconds(30).toNanos();
    private static final int AT_ONCE = 100;

    /** Calls that are told where they stand at once when the gateway stops: each asks Redis. */
    private static final int LEAVING_AT_ONCE = 16;

    private static final Logger LOG = Logger.getLogger(HeldWaits.class);

    /** Asks for some waiters of one bucket, which keep their turn by it; answers in their order. */
    interface Looks {
        Uni<List<Look>> look(int bucket, List<WaiterId> ids);
    }

    private static final class Call {
        private final WaiterId id;
        private final BooleanSupplier isGone;
        private final UniEmitter<? super Boolean> emitter;
        private final @Nullable Context caller;
        private final long until;
        private long timer;
        private boolean ended;

        Call(WaiterId id, Duration atMost, BooleanSupplier isGone, UniEmitter<? super Boolean> emitter) {
            this.id = id;
            this.isGone = isGone;
            this.emitter = emitter;
            this.caller = Vertx.currentContext();
            this.until = System.nanoTime() + atMost.toNanos();
        }

        /** On the context of whoever waits. */
        void answer(boolean decided) {
            if (caller == null) {
                emitter.complete(decided);
            } else {
                caller.runOnContext(there -> emitter.complete(decided));
            }
        }
    }

    private final ScriptRunner runner;
    private final Vertx vertx;
    private final Context loop;
    private final Looks looks;
    private final Map<WaiterId, Set<Call>> held = new HashMap<>();
    private @Nullable Subscription subscription;
    private long listenedAt = System.nanoTime() - LISTEN_AGAIN_NANOS;
    private long lookedAt;
    private long usedAt;
    private boolean looking;
    /** Whether messages may have been missed that no look has made up for. */
    private boolean isMissing = true;

    private long ticker = -1;
    private volatile boolean stopped;
    private final Deque<Call> leaving = new ArrayDeque<>();
    private volatile boolean listening;
    private final AtomicInteger size = new AtomicInteger();

    HeldWaits(ScriptRunner runner, Looks looks) {
        this.runner = runner;
        this.vertx = runner.vertx();
        this.loop = VertxContext.getRootContext(vertx.getOrCreateContext());
        this.looks = looks;
    }

    int size() {
        return size.get();
    }

    /** Whether Redis tells this gateway of grants; true while nobody waits here. */
    boolean isListening() {
        return listening || size.get() == 0;
    }

    /**
     * Asks {@code last} when the waiter may have ceased to wait, or when the time is over, the client has left, or the gateway
     * stops; answers that.
     */
    <T> Uni<T> hold(WaiterId id, Duration atMost, BooleanSupplier isGone, Supplier<Uni<T>> last) {
        Uni<Boolean> held = Uni.createFrom().emitter(emitter -> {
            Call call = new Call(id, atMost, isGone, emitter);
            loop.runOnContext(here -> begin(call));
        });
        return held.chain(decided -> last.get()).onTermination().invoke(() -> {
            if (stopped) {
                loop.runOnContext(here -> nextLeaves());
            }
        });
    }

    /** Ends all calls, some at a time: a thousand questions at once would take longer to answer than Redis may take. */
    void stop() {
        loop.runOnContext(here -> {
            stopped = true;
            leaving.addAll(all());
            for (int i = 0; i < LEAVING_AT_ONCE; i++) {
                nextLeaves();
            }
        });
    }

    private void nextLeaves() {
        Call next = leaving.poll();
        while (next != null && next.ended) {
            next = leaving.poll();
        }
        if (next != null) {
            end(next, false);
        }
    }

    private List<Call> all() {
        return held.values().stream().flatMap(Set::stream).toList();
    }

    private void begin(Call call) {
        if (stopped) {
            call.answer(false);
            return;
        }
        held.computeIfAbsent(call.id, id -> new LinkedHashSet<>()).add(call);
        size.incrementAndGet();
        usedAt = System.nanoTime();
        call.timer =
                vertx.setTimer(Math.max(1, (call.until - System.nanoTime()) / 1_000_000), fired -> end(call, false));
        if (ticker < 0) {
            lookedAt = System.nanoTime();
            ticker = vertx.setPeriodic(TICK_MS, fired -> tick());
        }
        listen();
        // It may have been granted since its call asked, and before it stood here.
        look(List.of(call.id));
    }

    private void end(Call call, boolean decided) {
        if (call.ended) {
            return;
        }
        call.ended = true;
        vertx.cancelTimer(call.timer);
        Set<Call> calls = held.get(call.id);
        if (calls != null) {
            calls.remove(call);
            if (calls.isEmpty()) {
                held.remove(call.id);
            }
        }
        size.decrementAndGet();
        call.answer(decided);
    }

    private void tick() {
        long now = System.nanoTime();
        if (held.isEmpty() && now - usedAt > LINGER_NANOS) {
            vertx.cancelTimer(ticker);
            ticker = -1;
            if (subscription != null) {
                subscription.end();
            }
            return;
        }
        if (held.isEmpty()) {
            return;
        }
        usedAt = now;
        List<Call> gone = new ArrayList<>();
        held.values()
                .forEach(calls -> calls.stream()
                        .filter(call -> call.isGone.getAsBoolean())
                        .forEach(gone::add));
        gone.forEach(call -> end(call, false));
        listen();
        boolean isUpAgain = isMissing && listening;
        if (!looking && (isUpAgain || now - lookedAt > (listening ? LOOK_NANOS : LOOK_UNTOLD_NANOS))) {
            isMissing = !listening;
            lookedAt = now;
            lookAtAll();
        }
    }

    // ---------------------------------------------------------------- listening

    private boolean isUp() {
        return subscription != null && subscription.isUp();
    }

    /** Has a subscription at a server that is a primary still. */
    private void listen() {
        Subscription current = subscription;
        boolean isLate = !isUp() && System.nanoTime() - listenedAt > LISTENS_WITHIN_NANOS;
        if (current != null && (isLate || !runner.isPrimary(current.server()))) {
            current.end();
        }
        listening = isUp();
        isMissing |= !listening;
        if (subscription == null && System.nanoTime() - listenedAt > LISTEN_AGAIN_NANOS) {
            listenedAt = System.nanoTime();
            subscription = runner.subscribe(CHANNEL, this::heard, () -> loop.runOnContext(here -> deaf()));
        }
    }

    private void deaf() {
        subscription = null;
        listening = false;
        isMissing = true;
    }

    /** {@code BUCKET ID ID …}. */
    private void heard(String message) {
        loop.runOnContext(here -> {
            String[] words = message.split(" ", -1);
            int bucket = Integer.parseInt(words[0]);
            List<WaiterId> ids = new ArrayList<>();
            for (int i = 1; i < words.length; i++) {
                WaiterId id = new WaiterId(bucket, GrantRows.number(words[i]));
                if (held.containsKey(id)) {
                    ids.add(id);
                }
            }
            if (!ids.isEmpty()) {
                look(ids);
            }
        });
    }

    // ---------------------------------------------------------------- looking

    private void lookAtAll() {
        Map<Integer, List<WaiterId>> byBucket = held.keySet().stream().collect(Collectors.groupingBy(WaiterId::bucket));
        List<List<WaiterId>> parts = new ArrayList<>();
        byBucket.values().forEach(ids -> {
            for (int from = 0; from < ids.size(); from += AT_ONCE) {
                parts.add(ids.subList(from, Math.min(from + AT_ONCE, ids.size())));
            }
        });
        looking = true;
        lookAt(parts, 0);
    }

    /** One after the other: so many calls must not crowd out others. */
    private void lookAt(List<List<WaiterId>> parts, int next) {
        if (next == parts.size()) {
            looking = false;
            return;
        }
        ask(parts.get(next)).subscribe().with(ignored -> loop.runOnContext(here -> lookAt(parts, next + 1)));
    }

    private void look(List<WaiterId> ids) {
        ask(ids).subscribe().with(ignored -> {});
    }

    /** Of one bucket; never fails. */
    private Uni<Void> ask(List<WaiterId> ids) {
        return looks.look(ids.getFirst().bucket(), ids)
                .invoke(found -> loop.runOnContext(here -> found.forEach(this::found)))
                .replaceWithVoid()
                .onFailure()
                .invoke(failure -> LOG.debugf("waiting calls could not be looked after: %s", failure.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    private void found(Look look) {
        if (!look.isWaiting()) {
            List.copyOf(held.getOrDefault(look.id(), Set.of())).forEach(call -> end(call, true));
        }
    }
}
