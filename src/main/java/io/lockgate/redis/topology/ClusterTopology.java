package io.lockgate.redis.topology;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.ZModem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The primaries of a Redis Cluster. A node that says {@code MOVED} names one that knows better: that one is asked for
 * the slots. A node that has gone or lost touch with the others is asked last, and one in a cluster that is not {@code
 * ok} is not believed.
 *
 * <p>{@code ASK} is not followed. The result key of a new request exists nowhere, and of a script whose keys are not
 * all there the two ends of a slot on its way say {@code ASK} and {@code TRYAGAIN}; so no script runs in half a slot,
 * and all wait for its arrival.
 */
final class ClusterTopology extends RefreshingTopology {
    private static final int SLOTS = 16_384;

    private volatile Slots slots = new Slots(new short[SLOTS], List.of());

    /** The address that a {@code MOVED} named, and the node that was found wanting; for the next look. */
    private volatile String hint = "";

    private volatile String suspect = "";

    ClusterTopology(Vertx vertx, RedisOptions options) {
        super(vertx, options);
    }

    @Override
    public @Nullable RedisServer primaryFor(String key) {
        return slots.primary(ZModem.generate(key));
    }

    @Override
    public String mode() {
        return "cluster";
    }

    @Override
    public Future<?> ping(RedisServer node, long millis) {
        return node.ask(Request.cmd(Command.CLUSTER).arg("INFO"), millis)
                .compose(info -> String.valueOf(info).contains("cluster_state:ok")
                        ? Future.succeededFuture()
                        : Future.failedFuture(node + " says that the cluster is not ok"));
    }

    @Override
    public void markStale(@Nullable RedisServer node, String said) {
        if (node != null) {
            // MOVED 3999 127.0.0.1:6381, or MOVED 3999 :6381 for another port of the same host
            String[] words = said.split(" ", 4);
            boolean moved = words[0].equals("MOVED") && words.length >= 3;
            String host = node.address().substring(0, node.address().lastIndexOf(':'));
            hint = moved ? words[2].startsWith(":") ? host + words[2] : words[2] : "";
            suspect = node.address();
        }
        super.markStale(node, said);
    }

    @Override
    Future<List<RedisServer>> discover() {
        Set<RedisServer> candidates = new LinkedHashSet<>();
        String named = hint;
        hint = "";
        int colon = named.lastIndexOf(':');
        if (colon > 0) {
            candidates.add(node(named.substring(0, colon), Integer.parseInt(named.substring(colon + 1)), false));
        }
        List<RedisServer> others = new ArrayList<>(all());
        listed().forEach(uri ->
                others.add(node(uri.socketAddress().host(), uri.socketAddress().port(), false)));
        Collections.shuffle(others);
        others.sort((a, b) ->
                Boolean.compare(a.address().equals(suspect), b.address().equals(suspect)));
        candidates.addAll(others);
        return ask(candidates.iterator(), new IllegalStateException("no address"));
    }

    /** @param trouble of the last who was asked, which is told when there is no other */
    private Future<List<RedisServer>> ask(Iterator<RedisServer> candidates, Throwable trouble) {
        if (!candidates.hasNext()) {
            return Future.failedFuture(trouble);
        }
        RedisServer node = candidates.next();
        return ping(node, ASK_MILLIS)
                .compose(ignored -> node.ask(Request.cmd(Command.CLUSTER).arg("SLOTS"), ASK_MILLIS))
                .map(slots -> publish(node, Objects.requireNonNull(slots)))
                .recover(failure ->
                        ask(candidates, new IllegalStateException(node + ": " + failure.getMessage(), failure)));
    }

    /** @param slots from, to, primary (host, port, …), replicas …; for each stretch of slots */
    private List<RedisServer> publish(RedisServer teller, Response slots) {
        short[] bySlot = new short[SLOTS];
        List<RedisServer> primaries = new ArrayList<>();
        for (Response stretch : slots) {
            Response where = stretch.get(2);
            // No host means: the one you ask.
            String host = where.get(0) == null || where.get(0).toString().isEmpty()
                    ? teller.address().substring(0, teller.address().lastIndexOf(':'))
                    : where.get(0).toString();
            RedisServer primary = node(host, number(where.get(1)), false);
            if (!primaries.contains(primary)) {
                primaries.add(primary);
            }
            int from = number(stretch.get(0));
            int to = number(stretch.get(1));
            Arrays.fill(bySlot, from, to + 1, (short) (primaries.indexOf(primary) + 1));
        }
        this.slots = new Slots(bySlot, List.copyOf(primaries));
        return publish(primaries);
    }

    /**
     * Who decides about each slot: 0 for nobody, or the place in {@code primaries} and one. Not an array of 16,384
     * nodes: GraalVM 25.0.2 takes one of exactly that many references for smaller than it is where it marks cards, and
     * the binary crashes (ADR 16).
     */
    private record Slots(short[] bySlot, List<RedisServer> primaries) {
        @Nullable RedisServer primary(int slot) {
            int place = bySlot[slot];
            return place == 0 ? null : primaries.get(place - 1);
        }
    }
}
