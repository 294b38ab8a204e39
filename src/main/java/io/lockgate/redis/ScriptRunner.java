package io.lockgate.redis;

import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.TooManyRequestsException;
import io.lockgate.redis.topology.AnswerTime;
import io.lockgate.redis.topology.CallCost;
import io.lockgate.redis.topology.EventLoopConnection;
import io.lockgate.redis.topology.FairQueue;
import io.lockgate.redis.topology.RedisServer;
import io.lockgate.redis.topology.RedisTopology;
import io.lockgate.redis.topology.ServerTime;
import io.lockgate.redis.topology.Subscription;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts on Redis: what else this package asks of a server goes through here too.
 *
 * <p><b>Connections.</b> Each event loop holds one connection to each primary and pipelines all its calls over it,
 * because the way to the connection decides the speed. Nothing waits for a free one, so nothing is refused because a
 * pool is busy; what is limited is the number of calls under way and waiting ({@link RedisSettings.Calls#inFlight()}).
 *
 * <p><b>Fairness.</b> To each server goes a window of work at once ({@link RedisSettings.Calls#window()}); what does
 * not fit waits in a {@link FairQueue} by principal, within the time of its call. Calls that keep or release what
 * somebody holds have a window and a queue of their own. A principal has so many requests under way and waiting ({@link
 * RedisSettings.Limits#requestsPerPrincipal()}); more fail with {@link TooManyRequestsException}.
 *
 * <p><b>Primaries.</b> One server, the primaries of a cluster or the one that Sentinels name ({@link RedisTopology}).
 * The first key of a script decides where it goes; a server that answers that it is not the primary is not used until
 * the primary is known. A server that says that it cannot serve ({@code READONLY}, …) costs its connection, and a new
 * one is used only when its server says that it is a primary; no script answers on a read-only replica ({@code
 * lua/frame/primary.lua}).
 *
 * <p><b>Failure.</b> An attempt that gets no answer within {@link RedisSettings.Calls#attemptTimeout()} gives its
 * connection up and is sent again, under the same request id, on a new one, until {@link
 * RedisSettings.Calls#callTimeout()} is over: a script that had run answers again what it answered then. After that the
 * call fails with {@link LockTableUnavailableException}, and if any attempt was sent without an answer the outcome is
 * unknown. A script that arrives after its not-after time changes nothing.
 *
 * <p><b>Functions and scripts.</b> {@code FCALL} where the server has the {@linkplain ScriptLibrary library}; else
 * {@code EVALSHA}, and {@code EVAL} when Redis does not know the script (a flushed cache, a fresh replica). The first
 * call of a server sends the library along and goes as a script; so does each call that finds the library gone. A
 * server that has no functions (before Redis 7) or refuses them gets scripts. Callers never notice.
 */
@Singleton
public final class ScriptRunner {
    private static final long RETRY_PAUSE_MILLIS = 25;

    /** Arguments that are put before those of a call: request id, deadline, mark ({@code lua/lib/clock.lua}). */
    private static final int OWN_ARGUMENTS = 3;

    private static final Logger LOG = Logger.getLogger(ScriptRunner.class);
    /** Loading, a slot on the move, a failover under way: worth another attempt within the call's time. */
    static final Set<String> PASSING = Set.of(
            "LOADING", "BUSY", "TRYAGAIN", "ASK", "MOVED", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "NOREPLICAS");

    /**
     * Of these, what a server says that cannot serve: its address may lead to another by now, which only a new
     * connection reaches.
     */
    private static final Set<String> COSTS_CONNECTION = Set.of("READONLY", "NOREPLICAS", "MASTERDOWN", "LOADING");

    /** Of these, what another server may know better, or do better soon. */
    private static final Set<String> ELSEWHERE =
            Set.of("MOVED", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "LOADING", "NOREPLICAS");

    /**
     * Refusals that come before the first write of a script, or never. Not NOPERM: each command of a script is looked
     * at.
     */
    private static final Set<String> NOTHING_DONE = Set.of("OOM", "MISCONF", "NOAUTH", "WRONGPASS");

    /** Answers of scripts that have written, and would have been refused by a Redis that is full. */
    private static final Set<String> WROTE = Set.of("granted", "renewed", "valid", "invalid");

    private static final ScriptLibrary LIBRARY = ScriptLibrary.load();

    private final Vertx vertx;
    private final RedisTopology topology;
    private final RedisSettings.Calls settings;
    private final ScriptObserver observer;
    private final Context spare;
    private final RequestsPerPrincipal principals;
    private final Supplier<FairQueue> newQueue;
    private final String requestPrefix = HexFormat.of().toHexDigits(new SecureRandom().nextLong());
    private final AtomicInteger requests = new AtomicInteger();
    private final String epochAndMark;
    private final BucketStamps stamps;
    private final AtomicInteger waitingForStamps = new AtomicInteger();
    private final OldLibraries oldLibraries;
    private final List<String> libraryKeys;

    @Inject
    ScriptRunner(Vertx vertx, RedisTopology topology, RedisSettings settings, ScriptObserver observer) {
        this.vertx = vertx;
        this.topology = topology;
        this.settings = settings.calls();
        this.observer = observer;
        this.spare = vertx.getOrCreateContext();
        this.principals = new RequestsPerPrincipal(settings.limits().requestsPerPrincipal());
        this.newQueue = () -> new FairQueue(
                this.settings.window(),
                this.settings.inFlight(),
                (millis, action) -> vertx.setTimer(millis, ignored -> action.run()));
        this.oldLibraries =
                new OldLibraries(LIBRARY.name(), this.settings.callTimeout().toMillis());
        this.libraryKeys = RedisKeys.libraries(this.settings.buckets());
        StoreMark mark = StoreMark.of(settings);
        this.epochAndMark = mark.argument();
        this.stamps = new BucketStamps(this::once, mark, topology.mode().equals("cluster"), this.settings.maxSteps());
    }

    Vertx vertx() {
        return vertx;
    }

    /** Into how many buckets this gateway divides the files. */
    int buckets() {
        return settings.buckets();
    }

    /** The marks of the buckets, by which this gateway knows that it may use them. */
    BucketStamps stamps() {
        return stamps;
    }

    /** Why no call is served though Redis may answer: the store is set otherwise or newer. For health. */
    public Optional<String> refusal() {
        return Optional.ofNullable(stamps.refusal());
    }

    /** The answer of a script. */
    record Reply(String status, long nowMillis, Response parts) {
        String text(int index) {
            return parts.get(index).toString();
        }

        boolean flag(int index) {
            return "1".equals(text(index));
        }

        int size() {
            return parts.size();
        }
    }

    /** A fresh request id: 24 hex digits, unique over all gateways. */
    String newRequestId() {
        return requestPrefix + HexFormat.of().toHexDigits(requests.incrementAndGet());
    }

    /** The latest store time at which a call that has begun by now may still take effect, on whatever server. */
    long notAfterMillis() {
        return topology.all().stream()
                        .mapToLong(node -> node.clock().nowMillis())
                        .max()
                        .orElse(0)
                + settings.callTimeout().toMillis();
    }

    /** Runs a script on the system's own account, as the work of one acquire. */
    Uni<Reply> run(LuaScript script, String requestId, List<String> keys, List<String> arguments, boolean changes) {
        return run(script, requestId, keys, arguments, changes, CallCost.asked(CallCost.SYSTEM, 1));
    }

    /**
     * Runs {@code script}. Request id, not-after time, and epoch with mark are put before {@code arguments}.
     *
     * @param changes whether it may change anything: then a call without an answer has an unknown outcome
     * @param share on whose account
     */
    Uni<Reply> run(
            LuaScript script,
            String requestId,
            List<String> keys,
            List<String> arguments,
            boolean changes,
            CallCost share) {
        return Uni.createFrom().emitter(emitter -> {
            if (!principals.begin(share)) {
                observer.called(script.name(), "over-limit", 0);
                emitter.fail(new TooManyRequestsException(principals.limit()));
                return;
            }
            Call call = new Call(script, requestId, keys, arguments, changes, share);
            call.promise.future().onComplete(done -> {
                principals.end(share);
                if (done.succeeded()) {
                    emitter.complete(done.result());
                } else {
                    emitter.fail(done.cause());
                }
            });
            if (Context.isOnEventLoopThread()) {
                call.attempt();
            } else {
                spare.runOnContext(ignored -> call.attempt());
            }
        });
    }

    /** Asks the one who decides about {@code key}, for checks at start; not for request paths. */
    Future<@Nullable Response> command(String key, Request request) {
        return onLoop(() -> {
            RedisServer node = topology.primaryFor(key);
            return node == null
                    ? Future.failedFuture("no primary known for " + key)
                    : node.ask(request, settings.callTimeout().toMillis());
        });
    }

    /** Of {@code keys} the first that each primary decides about, as far as they are known. */
    List<String> oneOfEach(List<String> keys) {
        Map<RedisServer, String> first = new LinkedHashMap<>();
        for (String key : keys) {
            RedisServer node = topology.primaryFor(key);
            if (node != null) {
                first.putIfAbsent(node, key);
            }
        }
        return List.copyOf(first.values());
    }

    /** One attempt of a script that is no call of a table, for {@link BucketStamps}. */
    private Future<Response> once(LuaScript script, List<String> keys, List<String> arguments) {
        return onLoop(() -> {
            RedisServer node = topology.primaryFor(keys.getFirst());
            if (node == null) {
                topology.markStale(null, "");
                return Future.failedFuture("no primary known for " + keys.getFirst());
            }
            long millis = settings.attemptTimeout().toMillis();
            return node.ask(plain(Command.EVALSHA, script.sha1(), keys, arguments), millis)
                    .recover(failure -> message(failure).startsWith("NOSCRIPT")
                            ? node.ask(plain(Command.EVAL, script.text(), keys, arguments), millis)
                            : Future.failedFuture(failure))
                    .map(Objects::requireNonNull)
                    .onFailure(failure -> {
                        String code = errorCode(message(failure));
                        if (code.isEmpty() || ELSEWHERE.contains(code)) {
                            topology.markStale(node, message(failure));
                        }
                    });
        });
    }

    private static Request plain(Command command, String body, List<String> keys, List<String> arguments) {
        Request request = Request.cmd(command).arg(body).arg(keys.size());
        keys.forEach(request::arg);
        arguments.forEach(request::arg);
        return request;
    }

    /**
     * Finds the primaries again and asks each of them; fails when one does not answer. By address. Not for request
     * paths.
     */
    Future<Map<String, @Nullable Response>> everywhere(Request request) {
        return topology.refresh()
                .compose(nodes -> onLoop(() -> {
                    Map<String, Future<@Nullable Response>> answers = new LinkedHashMap<>();
                    nodes.forEach(node -> answers.put(
                            node.address(),
                            node.ask(request, settings.callTimeout().toMillis())));
                    return Future.all(new ArrayList<>(answers.values())).map(ignored -> {
                        Map<String, @Nullable Response> replies = new LinkedHashMap<>();
                        answers.forEach((address, answer) -> replies.put(address, answer.result()));
                        return replies;
                    });
                }));
    }

    /** What INFO of every server must say as {@code redis_mode}. */
    String mode() {
        return topology.mode();
    }

    /** How many of the primaries answer. */
    public enum Reach {
        ALL,
        SOME,
        NONE
    }

    /**
     * The servers that answer.
     *
     * @param trouble what the first said that cannot serve, with its address; empty when there is none
     */
    public record Standing(Reach reach, String trouble) {}

    /** The servers that answer; never fails. For health, not for request paths. */
    public Uni<Standing> standing() {
        return Uni.createFrom()
                .completionStage(() -> onLoop(this::stand).toCompletionStage())
                .onFailure()
                .recoverWithItem(failure -> new Standing(Reach.NONE, message(failure)));
    }

    /** As {@link #standing}, in one word. */
    public Uni<Reach> reach() {
        return standing().map(Standing::reach);
    }

    private Future<Standing> stand() {
        List<RedisServer> nodes = topology.all();
        List<Future<?>> answers = new ArrayList<>();
        List<String> troubles = new ArrayList<>();
        nodes.forEach(node -> {
            answers.add(topology.ping(node, settings.callTimeout().toMillis()).onFailure(failure -> {
                troubles.add(node + ": " + message(failure));
                topology.markStale(node, message(failure));
            }));
        });
        return Future.join(answers).transform(ignored -> {
            long well = answers.stream().filter(Future::succeeded).count();
            Reach reach = well == 0 ? Reach.NONE : well == nodes.size() ? Reach.ALL : Reach.SOME;
            return Future.succeededFuture(new Standing(reach, troubles.isEmpty() ? "" : troubles.getFirst()));
        });
    }

    /** The clock of each primary that is one, by address; asks every connection for its server's role as well. */
    Future<Map<String, ServerTime>> times() {
        return onLoop(() -> {
            Map<String, ServerTime> times = new LinkedHashMap<>();
            List<Future<?>> answers = new ArrayList<>();
            for (RedisServer node : topology.all()) {
                answers.add(node.check(settings.callTimeout().toMillis())
                        .onSuccess(time -> times.put(node.address(), time))
                        .onFailure(failure -> topology.markStale(node, message(failure))));
                node.recheck();
                deleteOldLibraries(node);
            }
            return Future.join(answers).transform(ignored -> Future.succeededFuture(times));
        });
    }

    private void deleteOldLibraries(RedisServer node) {
        if (node.functions().beginVisit()) {
            libraryKeys.stream()
                    .filter(key -> node.equals(topology.primaryFor(key)))
                    .findFirst()
                    .ifPresent(key -> oldLibraries
                            .visit(node, key)
                            .onFailure(failure -> LOG.debugf(
                                    "old function libraries of Redis (%s) are not looked after: %s",
                                    node, message(failure))));
        }
    }

    /**
     * Listens to a channel of one of the primaries, on the event loop on which this is called: what a script publishes on any
     * primary of a cluster reaches all its servers.
     *
     * @return null while no primary is known
     */
    @Nullable Subscription subscribe(String channel, Consumer<String> message, Runnable whenEnded) {
        return topology.all().stream()
                .min(Comparator.comparing(RedisServer::address))
                .map(server -> server.subscribe(channel, message, whenEnded))
                .orElse(null);
    }

    /** Whether {@code server} is one of the primaries. */
    boolean isPrimary(RedisServer server) {
        return topology.all().contains(server);
    }

    /** The addresses of all primaries that are known. */
    Set<String> addresses() {
        return topology.all().stream().map(RedisServer::address).collect(Collectors.toSet());
    }

    /** The address of the server that decides about {@code key}; null while nobody is known to. */
    @Nullable String addressOf(String key) {
        RedisServer node = topology.primaryFor(key);
        return node == null ? null : node.address();
    }

    /** Connections belong to event loops, and who checks and asks is on none. */
    private <T extends @Nullable Object> Future<T> onLoop(Supplier<Future<T>> work) {
        Promise<T> promise = Promise.promise();
        spare.runOnContext(ignored -> {
            try {
                work.get().onComplete(promise);
            } catch (RuntimeException e) {
                promise.fail(e);
            }
        });
        return promise.future();
    }

    /** One call with all its attempts. Lives on one event loop. */
    private final class Call implements FairQueue.Waiting {
        private final LuaScript script;
        private final String requestId;
        private final List<String> keys;
        private final List<String> arguments;
        private final boolean changes;
        private final CallCost share;
        private final long began = System.nanoTime();
        private final Promise<Reply> promise = Promise.promise();
        private boolean unanswered;
        private @Nullable RedisServer last;
        /** The script in the form in which the last attempt sent it. */
        private LuaScript sent;

        private @Nullable Context home;
        private String said = "no answer in time";

        Call(
                LuaScript script,
                String requestId,
                List<String> keys,
                List<String> arguments,
                boolean changes,
                CallCost share) {
            assert script.takes(keys.size(), arguments.size() + OWN_ARGUMENTS) : script.name();
            this.script = script;
            this.sent = script;
            this.requestId = requestId;
            this.keys = keys;
            this.arguments = arguments;
            this.changes = changes;
            this.share = share;
        }

        private long millisLeft() {
            return settings.callTimeout().toMillis() - (System.nanoTime() - began) / 1_000_000;
        }

        void attempt() {
            long left = millisLeft();
            if (left <= RETRY_PAUSE_MILLIS) {
                // A call sent with no time left for its answer would have an unknown outcome for nothing.
                unavailable(said, null);
                return;
            }
            if (stamps.refusal() != null) {
                stamped();
                return;
            }
            RedisServer node = topology.primaryFor(keys.getFirst());
            if (node == null) {
                topology.markStale(null, "");
                later(new IllegalStateException("no primary known for " + keys.getFirst()));
                return;
            }
            last = node;
            FairQueue queue = node.queue(share.kept(), newQueue);
            if (queue.tryBegin(share.cost())) {
                begin(node, queue, left);
            } else {
                // Whoever lets it go on does so on another request's context.
                home = vertx.getOrCreateContext();
                queue.await(this);
            }
        }

        /** With a place in {@code queue}, which it gives back when this attempt has ended. */
        private void begin(RedisServer node, FairQueue queue, long left) {
            LuaScript other = script.whenFull();
            sent = other != null && node.fullness().isFull() ? other : script;
            EventLoopConnection line = node.line();
            RedisConnection primary = line.primary();
            if (primary != null) {
                send(node, line, primary, left, queue);
                return;
            }
            line.toPrimary()
                    .timeout(patience(left), TimeUnit.MILLISECONDS)
                    .onSuccess(connection -> goOn(node, queue))
                    .onFailure(failure -> {
                        queue.done(share.cost());
                        String message = message(failure);
                        if (COSTS_CONNECTION.contains(errorCode(message))) {
                            tellRefusal(node, message);
                        }
                        topology.markStale(node, message);
                        later(failure);
                    });
        }

        /** After a while, with a place in {@code queue}. */
        private void goOn(RedisServer node, FairQueue queue) {
            if (inVain()) {
                queue.done(share.cost());
                lookAgain();
            } else {
                begin(node, queue, millisLeft());
            }
        }

        @Override
        public String principal() {
            return share.flow();
        }

        @Override
        public int cost() {
            return share.cost();
        }

        @Override
        public boolean inVain() {
            return millisLeft() <= RETRY_PAUSE_MILLIS || topology.primaryFor(keys.getFirst()) != last;
        }

        @Override
        public void start() {
            RedisServer node = Objects.requireNonNull(last);
            atHome(() -> goOn(node, node.queue(share.kept(), newQueue)));
        }

        @Override
        public void refuse() {
            atHome(() -> fail("too many calls under way", null));
        }

        @Override
        public void leave() {
            atHome(this::lookAgain);
        }

        /** Its time is over, or another server decides now. */
        private void lookAgain() {
            if (millisLeft() <= RETRY_PAUSE_MILLIS) {
                fail("its turn did not come in time", null);
            } else {
                attempt();
            }
        }

        private void atHome(Runnable next) {
            Objects.requireNonNull(home).runOnContext(ignored -> next.run());
        }

        private long patience(long left) {
            return Math.min(left, settings.attemptTimeout().toMillis());
        }

        private void send(
                RedisServer node, EventLoopConnection line, RedisConnection connection, long left, FairQueue queue) {
            decide(node, connection, left).onComplete(done -> {
                queue.done(share.cost());
                if (done.succeeded()) {
                    answered(node, done.result());
                } else {
                    failed(node, line, connection, done.cause());
                }
            });
        }

        private Future<@Nullable Response> decide(RedisServer node, RedisConnection connection, long left) {
            String function = LIBRARY.functionOf(sent);
            if (function != null && node.functions().isUsed()) {
                return exchange(connection, request(node, Command.FCALL, function, left), left)
                        .recover(failure -> cannotCall(node, message(failure))
                                ? runScript(node, connection, Math.max(1, millisLeft()))
                                : Future.failedFuture(failure));
            }
            Future<@Nullable Response> answer = runScript(node, connection, left);
            if (function != null && node.functions().beginLoading()) {
                loadLibrary(node, connection);
            }
            return answer;
        }

        private Future<@Nullable Response> runScript(RedisServer node, RedisConnection connection, long left) {
            return exchange(connection, request(node, Command.EVALSHA, sent.sha1(), left), left)
                    .recover(failure -> message(failure).startsWith("NOSCRIPT")
                            ? evaluate(node, connection, Math.max(1, millisLeft()))
                            : Future.failedFuture(failure));
        }

        private Future<@Nullable Response> evaluate(RedisServer node, RedisConnection connection, long left) {
            return exchange(connection, request(node, Command.EVAL, sent.text(), left), left);
        }

        private Future<@Nullable Response> exchange(RedisConnection connection, Request request, long left) {
            return AnswerTime.limit(vertx, connection.send(request), patience(left));
        }

        private Request request(RedisServer node, Command command, String body, long left) {
            Request request = Request.cmd(command).arg(body).arg(keys.size());
            for (int i = 0; i < keys.size(); i++) {
                request.arg(keys.get(i));
            }
            request.arg(requestId)
                    .arg(Long.toString(node.clock().nowMillis() + left))
                    .arg(epochAndMark);
            for (int i = 0; i < arguments.size(); i++) {
                request.arg(arguments.get(i));
            }
            return request;
        }

        private void answered(RedisServer node, @Nullable Response response) {
            String status;
            long now;
            try {
                Response parts = Objects.requireNonNull(response);
                status = parts.get(0).toString();
                now = Long.parseLong(parts.get(1).toString());
            } catch (RuntimeException e) {
                // Not one of our scripts' answers. Nobody catches what is thrown here, and the caller would wait for
                // ever.
                unanswered = true;
                unavailable("unexpected answer from Redis", e);
                return;
            }
            if (status.equals("late")) {
                // Of the others the time is that of the bucket, which may be ahead of the server's.
                node.clock().saw(now);
            }
            if (status.equals("mark") || status.equals("epoch")) {
                if (response.get(2).toString().startsWith(StoreMark.UNDER_REPAIR)) {
                    underRepair();
                } else {
                    stamped();
                }
                return;
            }
            if (node.outage().answered()) {
                LOG.infof("Redis answers again (%s)", node);
            }
            if (sent.equals(script) && WROTE.contains(status) && node.fullness().wrote()) {
                LOG.infof("Redis (%s) has memory again", node);
            }
            switch (status) {
                case "again", "late" -> attempt();
                default -> {
                    observer.called(script.name(), status, System.nanoTime() - began);
                    promise.complete(new Reply(status, now, response));
                }
            }
        }

        /** Goes on when all buckets carry the mark of this gateway. */
        private void stamped() {
            if (waitingForStamps.incrementAndGet() > settings.inFlight()) {
                waitingForStamps.decrementAndGet();
                fail("too many calls wait for the marks of the buckets", null);
                return;
            }
            Context here = vertx.getOrCreateContext();
            stamps.stamp()
                    .timeout(Math.max(1, millisLeft()), TimeUnit.MILLISECONDS)
                    .onComplete(done -> {
                        waitingForStamps.decrementAndGet();
                        here.runOnContext(ignored -> {
                            if (done.succeeded()) {
                                attempt();
                            } else if (EventLoopConnection.isLost(done.cause())) {
                                // A connection was lost meanwhile. Any other failure would come again.
                                later(done.cause());
                            } else {
                                fail(message(done.cause()), null);
                            }
                        });
                    });
        }

        private void failed(RedisServer node, EventLoopConnection line, RedisConnection connection, Throwable failure) {
            String message = message(failure);
            String code = errorCode(message);
            if (PASSING.contains(code)) {
                if (COSTS_CONNECTION.contains(code)) {
                    line.retire(connection, message);
                    tellRefusal(node, message);
                }
                if (ELSEWHERE.contains(code)) {
                    topology.markStale(node, message);
                }
                later(failure);
                return;
            }
            if (code.equals("OOM")) {
                full(node, message, failure);
                return;
            }
            if (!code.isEmpty()) {
                // Any error but these may have come when the script had begun to write.
                unanswered |= !NOTHING_DONE.contains(code);
                unavailable(message, failure);
                return;
            }
            if (message.contains("queue is full")) {
                unavailable("too many calls under way", failure);
                return;
            }
            unanswered = true;
            line.giveUp(connection);
            topology.markStale(node, message);
            later(failure);
        }

        private boolean isOutcomeKnown() {
            return !changes || !unanswered;
        }

        private void underRepair() {
            boolean known = isOutcomeKnown();
            observer.called(script.name(), known ? "repair" : "unknown", System.nanoTime() - began);
            promise.fail(LockTableUnavailableException.underRepair("Redis: the bucket is being repaired", known));
        }

        /**
         * Nothing was written. What must go on goes on in its other form; the rest is refused until there is memory.
         */
        private void full(RedisServer node, String message, Throwable failure) {
            observer.full();
            if (node.fullness().refused()) {
                LOG.warnf(
                        "Redis (%s) is full (maxmemory): nothing is acquired or reported until there is memory; what is held can"
                                + " be renewed, checked and released",
                        node);
            }
            if (script.whenFull() != null && sent.equals(script)) {
                attempt();
            } else {
                refuse("full", message, failure);
            }
        }

        private void later(Throwable failure) {
            said = message(failure);
            if (millisLeft() <= RETRY_PAUSE_MILLIS) {
                unavailable(message(failure), failure);
            } else {
                vertx.setTimer(RETRY_PAUSE_MILLIS, ignored -> attempt());
            }
        }

        private void unavailable(String message, @Nullable Throwable cause) {
            RedisServer node = last;
            if (node != null && node.outage().failed()) {
                LOG.warnf("calls to Redis (%s) fail, first %s: %s", node, script.name(), message);
            }
            refuse("unavailable", message, cause);
        }

        /** For what is not Redis' fault, and so nothing for the log: there may be thousands a second. */
        private void fail(String message, @Nullable Throwable cause) {
            refuse("unavailable", message, cause);
        }

        /** @param why the outcome for the metrics, unless it is unknown whether anything has happened */
        private void refuse(String why, String message, @Nullable Throwable cause) {
            boolean known = isOutcomeKnown();
            observer.called(script.name(), known ? why : "unknown", System.nanoTime() - began);
            String text = "Redis: " + script.name() + ": " + message;
            promise.fail(
                    cause == null
                            ? new LockTableUnavailableException(text, known)
                            : new LockTableUnavailableException(text, known, cause));
        }
    }

    /** Behind the call that is sent as a script meanwhile. Nobody waits for it. */
    private static void loadLibrary(RedisServer node, RedisConnection connection) {
        connection.send(LIBRARY.loading()).onComplete(done -> {
            String error = done.succeeded() ? "" : message(done.cause());
            if (done.succeeded() ? LIBRARY.name().equals(String.valueOf(done.result())) : LIBRARY.isThere(error)) {
                node.functions().loaded();
            } else if (done.succeeded() || EventLoopConnection.isReply(done.cause())) {
                node.functions().absent();
            } else {
                node.functions().unknown();
            }
        });
    }

    /** Whether a function was not run, so that the script has to be; and what that says about the server. */
    private static boolean cannotCall(RedisServer node, String error) {
        if (error.startsWith("ERR Function not found")) {
            node.functions().gone();
        } else if (error.startsWith("ERR unknown command") || isForbidden(error)) {
            node.functions().absent();
        } else if (errorCode(error).equals("OOM")) {
            // A script is refused at its first write, a function as a whole.
            node.functions().pause();
        } else {
            return false;
        }
        return true;
    }

    private static boolean isForbidden(String error) {
        return error.startsWith("NOPERM") && error.contains("'fcall'");
    }

    /** Once, until Redis answers again. */
    private static void tellRefusal(RedisServer node, String message) {
        if (node.outage().failed()) {
            LOG.warnf("Redis (%s) cannot serve: %s; new connections are tried until it can", node, message);
        }
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    /**
     * The code in capitals that an error reply begins with; empty when Redis did not reply. Redis 6 wraps the reason
     * why a command inside a script was refused: {@code ERR Error running script (call to f_…): @user_script:9:
     * @user_script: 9: -READONLY You can't write …}; then it is the inner code.
     */
    static String errorCode(String message) {
        int wrapped = message.startsWith("ERR Error running script") ? message.lastIndexOf(": -") : -1;
        String text = wrapped < 0 ? message : message.substring(wrapped + 3);
        int space = text.indexOf(' ');
        if (space < 2) {
            return "";
        }
        for (int i = 0; i < space; i++) {
            char c = text.charAt(i);
            if (c < 'A' || c > 'Z') {
                return wrapped < 0 ? "" : "ERR";
            }
        }
        return text.substring(0, space);
    }
}
