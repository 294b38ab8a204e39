package io.lockgate.redis;

import io.lockgate.redis.ClockTrack.Leases;
import io.lockgate.redis.ClockTrack.Verdict;
import io.lockgate.redis.topology.CallCost;
import io.lockgate.redis.topology.ServerTime;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Watches the servers' clocks: Redis {@code TIME} is the only clock of leases, and one that jumps ahead would
 * end every lease there. Each visit compares each primary's time with this process' monotonic clock ({@link
 * ClockTrack}); after a jump of more than 2 s no lease ends on that server ({@code suspend.lua} tells the scripts,
 * bucket by bucket) until the clock is back, 30 s at most. A bucket whose own clock is ahead of its server's is told
 * of; {@code lockgate --repair} sets it back.
 *
 * <p>Every gateway does this for itself; several see the same jump and hold leases once. Not guaranteed: what a
 * script does between the jump and the visit that notices it.
 */
public final class ClockWatch {
    private static final Logger LOG = Logger.getLogger(ClockWatch.class);

    /** How many visits lie between two looks at the buckets' clocks. */
    private static final int LOOK_EVERY = 10;

    private static final int BUCKETS_AT_ONCE = 16;

    /** Of a bucket that could not be asked. */
    private static final long UNKNOWN = -1;

    private final ScriptRunner runner;
    private final RedisKeys keys;
    private static final LuaScript SUSPEND = LuaScript.load("buckets/suspend").evenWhenFull();
    private final AtomicLong jumps = new AtomicLong();
    private @Nullable Uni<Void> underWay;

    // Touched by one visit at a time.
    private final Map<String, ClockTrack> tracks = new HashMap<>();
    private @Nullable ServerTime reference;
    private long visits;

    private volatile Map<String, Verdict> held = Map.of();
    private volatile long aheadMillis;
    private volatile String aheadWhere = "";

    public ClockWatch(ScriptRunner runner, RedisSettings settings) {
        this.runner = runner;
        this.keys = new RedisKeys(settings.calls().buckets());
    }

    /** How often a server's clock was found to have jumped. */
    public long jumps() {
        return jumps.get();
    }

    /** On how many servers no lease ends now. */
    public int heldServers() {
        return held.size();
    }

    /**
     * How far the clock of the bucket farthest ahead of its server was at the last look, ms; 0 when none is more than
     * 2 s ahead.
     */
    public long aheadMillis() {
        return aheadMillis;
    }

    /** For readiness: which clocks are wrong; empty when none is. */
    public Optional<String> trouble() {
        String jumped = held.entrySet().stream()
                .map(entry -> "the clock of " + entry.getKey() + " jumped by "
                        + seconds(entry.getValue().jumpMillis()) + ", leases do not end there for now")
                .sorted()
                .collect(Collectors.joining("; "));
        String where = aheadWhere;
        String all = jumped + (jumped.isEmpty() || where.isEmpty() ? "" : "; ") + where;
        return all.isEmpty() ? Optional.empty() : Optional.of(all);
    }

    /**
     * One visit of every primary; two that are asked for at the same time are one. Fails never: a server that does not
     * answer is visited next time.
     */
    public synchronized Uni<Void> visit() {
        if (underWay == null) {
            underWay = Uni.createFrom()
                    .completionStage(() -> runner.times().toCompletionStage())
                    .flatMap(this::judged)
                    .onFailure()
                    .recoverWithNull()
                    .onTermination()
                    .invoke(this::visited)
                    .memoize()
                    .indefinitely();
        }
        return underWay;
    }

    private synchronized void visited() {
        underWay = null;
    }

    private Uni<Void> judged(Map<String, ServerTime> times) {
        Map<String, Verdict> verdicts = new HashMap<>();
        boolean first = visits == 0;
        times.forEach((address, time) -> {
            ClockTrack track = tracks.get(address);
            if (track == null) {
                // A server that takes over is measured by those before it; the first ones there are believed.
                ServerTime known = reference;
                track = new ClockTrack(first || known == null ? time : known);
                tracks.put(address, track);
            }
            Verdict verdict = track.visit(time);
            if (verdict.leases() == Leases.END) {
                reference = time;
            } else {
                verdicts.put(address, verdict);
                tell(address, verdict);
            }
        });
        if (!times.isEmpty()) {
            tracks.keySet().retainAll(runner.addresses());
            visits++;
        }
        // Of a server that does not answer now what was found last still holds.
        Map<String, Verdict> nowHeld = new HashMap<>(held);
        nowHeld.keySet().retainAll(tracks.keySet());
        nowHeld.keySet().removeAll(times.keySet());
        verdicts.forEach((address, verdict) -> {
            if (verdict.leases() == Leases.HELD) {
                nowHeld.put(address, verdict);
            }
        });
        held = Map.copyOf(nowHeld);
        boolean look = visits % LOOK_EVERY == 1;
        return look || !verdicts.isEmpty()
                ? overBuckets(verdicts, look)
                : Uni.createFrom().voidItem();
    }

    private void tell(String address, Verdict verdict) {
        String by = seconds(verdict.jumpMillis());
        switch (verdict.leases()) {
            case HELD -> {
                if (verdict.isNew()) {
                    jumps.incrementAndGet();
                    LOG.warnf(
                            "the clock of Redis (%s) jumped by %s: no lease ends there until it is back, %d s at most",
                            address, by, verdict.holdMillis() / 1_000);
                }
            }
            case RESUME -> LOG.infof("the clock of Redis (%s) is back where it was: leases end again", address);
            case GIVE_UP ->
                LOG.warnf("the clock of Redis (%s) stays ahead or behind (%s): leases end again, by it", address, by);
            case END -> {}
        }
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%+.1f s", millis / 1_000.0);
    }

    /**
     * Tells the buckets of the servers whose clocks jumped, and looks at the clock of every bucket when it is time
     * to.
     */
    private Uni<Void> overBuckets(Map<String, Verdict> verdicts, boolean look) {
        return Multi.createFrom()
                .range(0, keys.buckets())
                .onItem()
                .transformToUni(bucket -> visitBucket(bucket, verdicts, look))
                .merge(BUCKETS_AT_ONCE)
                .collect()
                .asList()
                .invoke(ahead -> {
                    if (look) {
                        told(ahead);
                    }
                })
                .replaceWithVoid();
    }

    /** How far a bucket's clock is ahead of its server's. */
    private record Ahead(int bucket, long millis) {}

    private Uni<Ahead> visitBucket(int bucket, Map<String, Verdict> verdicts, boolean look) {
        String address = runner.addressOf(keys.meta(bucket));
        Verdict verdict = address == null ? null : verdicts.get(address);
        String what = "look";
        long jump = 0;
        long hold = 0;
        if (verdict != null && verdict.leases() == Leases.HELD && !verdict.isBack()) {
            what = "hold";
            jump = verdict.jumpMillis();
            hold = verdict.holdMillis();
        } else if (verdict != null && verdict.leases() == Leases.RESUME) {
            what = "resume";
        }
        if (!look && what.equals("look")) {
            return Uni.createFrom().item(new Ahead(bucket, 0));
        }
        String id = runner.newRequestId();
        List<String> arguments = List.of(what, Long.toString(jump), Long.toString(hold));
        // Late, it would let leases end: it must not wait behind a flood.
        CallCost share = CallCost.kept(CallCost.SYSTEM, 1);
        return runner.run(SUSPEND, id, keys.ofClock(bucket, id), arguments, false, share)
                .map(reply ->
                        new Ahead(bucket, reply.status().equals("looked") ? Long.parseLong(reply.text(2)) : UNKNOWN))
                .onFailure()
                .recoverWithItem(new Ahead(bucket, UNKNOWN));
    }

    private void told(List<Ahead> all) {
        if (all.stream().anyMatch(ahead -> ahead.millis() == UNKNOWN)) {
            return;
        }
        Ahead most = new Ahead(0, 0);
        long count = 0;
        for (Ahead ahead : all) {
            most = ahead.millis() > most.millis() ? ahead : most;
            count += ahead.millis() > ClockTrack.TOLERANCE_MILLIS ? 1 : 0;
        }
        boolean was = !aheadWhere.isEmpty();
        aheadMillis = count == 0 ? 0 : most.millis();
        aheadWhere = count == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "the clocks of %d buckets are ahead of their servers', that of bucket %d by %s: leases there"
                                + " do not end in time (lockgate --repair)",
                        count,
                        most.bucket(),
                        seconds(most.millis()));
        if (was && count == 0) {
            LOG.info("no bucket's clock is ahead of its server's any more");
        } else if (!was && count > 0) {
            LOG.warn(aheadWhere);
        }
    }
}
