package io.lockgate.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Puts the {@link StoreMark} of this gateway into every bucket: of an empty store, and of one of an older format, whose
 * locks stay. A script that finds no mark, or another, decides nothing; then a <em>round</em> looks at the store and
 * all its buckets, claims the store if nobody has, and stamps all buckets before any of those calls goes on. One round
 * at a time, whatever the number of calls.
 *
 * <p><b>Refused.</b> A store that is set otherwise, of a newer format or in another epoch is not touched. Then no
 * script is sent to any bucket; calls look again, at most every {@link #PAUSE_NANOS}. Said once in the log.
 *
 * <p><b>Atomicity.</b> On one server each step compares the store and stamps its buckets in one script, so that nothing
 * stamped by a look from before a {@code FLUSHALL} can follow it. The keys of a cluster lie apart: there a bucket is
 * stamped alone, and the store is compared before the first and after the last. Not guaranteed there: that a gateway
 * set otherwise notices a flush of some primaries before its sweep does, within about a second. A bucket without a mark
 * whose round cannot reach every primary is not served; buckets that carry the mark are.
 */
final class BucketStamps {
    /** Between a round that failed and the next. */
    static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Logger LOG = Logger.getLogger(BucketStamps.class);

    /** Buckets of a cluster that are asked at once. */
    private static final int AT_ONCE = 64;

    /** Characters of a value found in the store that a message repeats. */
    private static final int MOST_SHOWN = 40;

    private static final String LOOK = "look";
    private static final String STAMP = "stamp";

    /** Runs a script once, on the primary of its first key. */
    interface Server {
        Future<Response> run(LuaScript script, List<String> keys, List<String> arguments);
    }

    /**
     * The outcome of a comparison.
     *
     * @param what the number of buckets that the store had, or what is not as this gateway has it
     * @param value the rule that the store had, or the value found
     */
    private record Found(boolean ours, String what, String value) {
        static Found of(Response reply) {
            return new Found(
                    reply.get(0).toString().equals("ours"),
                    reply.get(1).toString(),
                    reply.get(2).toString());
        }
    }

    /** Also on a full Redis: without marks nothing that is held could be renewed. */
    private static final LuaScript SCRIPT = Objects.requireNonNull(
            LuaScript.load("buckets/stamp").evenWhenFull().whenFull());

    private final Server server;
    private final StoreMark mark;
    private final RedisKeys keys;
    private final boolean cluster;
    private final int slice;

    private @Nullable Future<Void> round;
    private @Nullable Throwable trouble;
    private long troubleSince;
    private boolean toldOfTrouble;
    private volatile @Nullable String refusal;

    /**
     * @param cluster whether the keys of buckets lie in slots of their own
     * @param slice buckets that one script stamps on one server
     */
    BucketStamps(Server server, StoreMark mark, boolean cluster, int slice) {
        this.server = server;
        this.mark = mark;
        this.keys = new RedisKeys(mark.buckets());
        this.cluster = cluster;
        this.slice = slice;
    }

    /** Why this gateway must not use the store, since the last round; null while it may. */
    @Nullable String refusal() {
        return refusal;
    }

    // ---------------------------------------------------------------- at start

    /**
     * What stands against using the store; null when nothing does. Changes nothing. The rule between the protocols may
     * be another while no lock is held that was acquired under it.
     */
    Future<@Nullable String> look() {
        return store(LOOK, true)
                .compose(store -> store.ours() ? buckets(LOOK, true, store.value()) : Future.succeededFuture(store))
                .map(this::fault);
    }

    /**
     * Writes into an empty store with what settings it is used from now on; buckets get their marks with the first
     * call. Changes the rule of a store that holds no lock, in all its buckets. Answers as {@link #look}, which comes
     * before it.
     */
    Future<@Nullable String> claim() {
        return store(STAMP, true)
                .compose(before -> {
                    if (!before.ours()
                            || before.value().isEmpty()
                            || before.value().equals(mark.rule())) {
                        return Future.succeededFuture(before);
                    }
                    return buckets(STAMP, true, before.value())
                            .compose(found -> found.ours()
                                    ? Future.succeededFuture(found)
                                    // A lock was acquired since the look: the rule is still the other.
                                    : compare(List.of(RedisKeys.STORE), true, STAMP, before.value(), true, "")
                                            .map(ignored -> found));
                })
                .map(this::fault);
    }

    // ---------------------------------------------------------------- while it runs

    /**
     * Succeeds when all buckets carry the mark of this gateway, by a round that is under way or by another. Fails with
     * a text for operators when the store is another gateway's, and when a bucket cannot be reached. On any thread.
     */
    synchronized Future<Void> stamp() {
        Future<Void> underWay = round;
        if (underWay != null) {
            return underWay;
        }
        Throwable last = trouble;
        if (last != null && System.nanoTime() - troubleSince < PAUSE_NANOS) {
            return Future.failedFuture(last);
        }
        Promise<Void> promise = Promise.promise();
        round = promise.future();
        round().onComplete(done -> {
            Throwable failure = done.succeeded() ? concluded(done.result()) : unreached(done.cause());
            if (failure == null) {
                promise.complete();
            } else {
                promise.fail(failure);
            }
        });
        return promise.future();
    }

    private Future<Found> round() {
        return store(LOOK, false)
                .compose(ifOurs(() -> buckets(LOOK, false, "")))
                .compose(ifOurs(() -> store(STAMP, false)))
                .compose(ifOurs(() -> buckets(STAMP, false, "")))
                .compose(ifOurs(() -> store(LOOK, false)))
                .compose(found -> found.ours() && found.what().isEmpty()
                        ? Future.failedFuture("the store was emptied while its buckets were stamped")
                        : Future.succeededFuture(found));
    }

    private static Function<Found, Future<Found>> ifOurs(Supplier<Future<Found>> next) {
        return found -> found.ours() ? next.get() : Future.succeededFuture(found);
    }

    private synchronized @Nullable Throwable concluded(Found found) {
        round = null;
        toldOfTrouble = false;
        String before = refusal;
        String now = fault(found);
        refusal = now;
        if (now == null) {
            trouble = null;
            if (before != null) {
                LOG.info("Redis: the store is as this gateway is set again; calls are served");
            }
            return null;
        }
        if (!now.equals(before)) {
            LOG.errorf("Redis: %s; calls that need Redis get 503 until the settings agree", now);
        }
        trouble = new IllegalStateException(now);
        troubleSince = System.nanoTime();
        return trouble;
    }

    private synchronized Throwable unreached(Throwable failure) {
        round = null;
        trouble = failure;
        troubleSince = System.nanoTime();
        if (!toldOfTrouble) {
            toldOfTrouble = true;
            LOG.warnf(
                    "Redis: buckets without the mark of the store get 503 until every bucket can be stamped: %s",
                    shown(String.valueOf(failure.getMessage()), 200));
        }
        return failure;
    }

    // ---------------------------------------------------------------- steps

    private Future<Found> store(String step, boolean mayChange) {
        return compare(List.of(RedisKeys.STORE), true, step, mark.rule(), mayChange, "");
    }

    private Future<Found> buckets(String step, boolean mayChange, String ruleBefore) {
        return buckets(0, step, mayChange, ruleBefore);
    }

    private Future<Found> buckets(int from, String step, boolean mayChange, String ruleBefore) {
        List<Future<Found>> answers = new ArrayList<>();
        int next = from;
        // Between the slices of one server other calls come through.
        while (next < keys.buckets() && answers.size() < (cluster ? AT_ONCE : 1)) {
            int end = Math.min(keys.buckets(), next + (cluster ? 1 : slice));
            List<String> scriptKeys = new ArrayList<>();
            if (!cluster) {
                scriptKeys.add(RedisKeys.STORE);
            }
            for (int bucket = next; bucket < end; bucket++) {
                scriptKeys.add(keys.meta(bucket));
                scriptKeys.add(keys.rows(bucket));
            }
            answers.add(compare(scriptKeys, !cluster, step, mark.rule(), mayChange, ruleBefore));
            next = end;
        }
        int behind = next;
        return Future.all(answers).compose(ignored -> {
            for (Future<Found> answer : answers) {
                if (!answer.result().ours()) {
                    return answer;
                }
            }
            return behind == keys.buckets() ? answers.getLast() : buckets(behind, step, mayChange, ruleBefore);
        });
    }

    private Future<Found> compare(
            List<String> scriptKeys, boolean hasStore, String step, String rule, boolean mayChange, String ruleBefore) {
        List<String> arguments = List.of(
                hasStore ? "1" : "0",
                step,
                Long.toString(StoreMark.EPOCH),
                Integer.toString(StoreMark.FORMAT),
                Integer.toString(mark.buckets()),
                rule,
                mayChange ? "1" : "0",
                ruleBefore);
        assert SCRIPT.takes(scriptKeys.size(), arguments.size()) : SCRIPT.name();
        return server.run(SCRIPT, scriptKeys, arguments).map(Found::of);
    }

    // ---------------------------------------------------------------- words

    private @Nullable String fault(Found found) {
        if (found.ours()) {
            return null;
        }
        String value = shown(found.value(), MOST_SHOWN);
        return switch (found.what()) {
            case "buckets" ->
                String.format(
                        Locale.ROOT,
                        "the store was made with lockgate.redis.buckets=%s, not %d: it is fixed for the life of the data",
                        value,
                        mark.buckets());
            case "held" ->
                String.format(
                        Locale.ROOT,
                        "the store holds locks acquired with lockgate.locks.cross-protocol=%s; it can be changed to %s only while none is held",
                        value,
                        mark.rule());
            case "rule" ->
                String.format(
                        Locale.ROOT,
                        "the store is used with lockgate.locks.cross-protocol=%s, not %s: all gateways of a store must be set alike",
                        value,
                        mark.rule());
            case "format" ->
                String.format(
                        Locale.ROOT,
                        "the store is of a newer format (%s) than this version of Lockgate writes (%d)",
                        value,
                        StoreMark.FORMAT);
            default ->
                String.format(Locale.ROOT, "the store is in epoch %s, this gateway in %d", value, StoreMark.EPOCH);
        };
    }

    /** The marks that others wrote, for one line of the log. */
    private static String shown(String text, int most) {
        String printable = text.replaceAll("[^ -~]", "?");
        return printable.length() <= most ? printable : printable.substring(0, most) + "...";
    }
}
