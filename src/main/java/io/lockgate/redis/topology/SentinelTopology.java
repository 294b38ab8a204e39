package io.lockgate.redis.topology;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.RedisURI;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The primary that the Sentinels name. All of them are asked, and those of the highest configuration epoch believed:
 * one that was cut off names a server that is no longer the primary. The server that is named must say itself that it
 * is a primary.
 *
 * <p>Asked once a second even when all is well, instead of listening for {@code +switch-master}: a primary that was cut
 * off from the Sentinels goes on taking writes, and who is still connected to it would not notice; and a subscription
 * is one more thing that breaks.
 */
final class SentinelTopology extends RefreshingTopology {
    private static final long PERIOD_MILLIS = 1_000;

    private final String name;
    private volatile @Nullable RedisServer primary;

    SentinelTopology(Vertx vertx, RedisOptions options) {
        super(vertx, options);
        this.name = options.getMasterName();
        onContext(() -> vertx().setPeriodic(PERIOD_MILLIS, timer -> {
            if (closed()) {
                vertx().cancelTimer(timer);
            } else {
                refresh();
            }
        }));
    }

    /** The answer of one Sentinel. */
    private record Told(long epoch, String host, int port) {}

    @Override
    public @Nullable RedisServer primaryFor(String key) {
        return primary;
    }

    @Override
    Future<List<RedisServer>> discover() {
        List<Told> told = new ArrayList<>();
        List<Throwable> troubles = new ArrayList<>();
        List<Future<?>> answers = new ArrayList<>();
        for (RedisURI sentinel : listed()) {
            answers.add(ask(sentinel).onSuccess(told::add).onFailure(failure -> {
                troubles.add(new IllegalStateException(
                        RedisServer.address(sentinel) + ": " + failure.getMessage(), failure));
            }));
        }
        return Future.join(answers).transform(ignored -> {
            long newest = told.stream().mapToLong(Told::epoch).max().orElse(0);
            Set<RedisServer> named = new LinkedHashSet<>();
            told.stream().filter(one -> one.epoch == newest).forEach(one -> named.add(node(one.host, one.port, true)));
            return firstMaster(named.iterator(), together(troubles));
        });
    }

    /** The answers of all Sentinels, with the reason of the first. */
    private static Throwable together(List<Throwable> troubles) {
        return new IllegalStateException(
                troubles.stream().map(Throwable::getMessage).collect(Collectors.joining("; ")),
                troubles.isEmpty() ? null : troubles.getFirst().getCause());
    }

    private Future<Told> ask(RedisURI sentinel) {
        RedisServer node =
                node(sentinel.socketAddress().host(), sentinel.socketAddress().port(), false);
        Future<@Nullable Response> state =
                node.ask(Request.cmd(Command.SENTINEL).arg("MASTER").arg(name), ASK_MILLIS);
        // Not the address of the above: during a failover this one is ahead.
        Future<@Nullable Response> address = node.ask(
                Request.cmd(Command.SENTINEL).arg("GET-MASTER-ADDR-BY-NAME").arg(name), ASK_MILLIS);
        return Future.all(state, address).map(ignored -> {
            Response where = Objects.requireNonNull(address.result());
            Response epoch = Objects.requireNonNull(state.result()).get("config-epoch");
            return new Told(
                    epoch == null ? 0 : Long.parseLong(epoch.toString()),
                    where.get(0).toString(),
                    number(where.get(1)));
        });
    }

    private Future<List<RedisServer>> firstMaster(Iterator<RedisServer> named, Throwable trouble) {
        if (!named.hasNext()) {
            return Future.failedFuture(trouble);
        }
        RedisServer node = named.next();
        return node.ask(Request.cmd(Command.ROLE), ASK_MILLIS)
                .compose(role -> {
                    if (!Objects.requireNonNull(role).get(0).toString().equals("master")) {
                        return Future.failedFuture("named as the primary, but is not one");
                    }
                    primary = node;
                    return Future.succeededFuture(publish(List.of(node)));
                })
                .recover(failure ->
                        firstMaster(named, new IllegalStateException(node + ": " + failure.getMessage(), failure)));
    }
}
