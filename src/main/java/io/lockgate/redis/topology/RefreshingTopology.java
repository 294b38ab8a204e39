package io.lockgate.redis.topology;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.RedisURI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Primaries that change while the gateway runs. Refreshes run one at a time on a Vert.x context of their own, so
 * connections are not tied to the context of a request. A refresh that is asked for waits {@value #DEBOUNCE_MILLIS} ms,
 * so that a thousand calls that fail at once cause one.
 */
abstract class RefreshingTopology implements RedisTopology {
    /** Time for one server to tell; a call has 1.5 s. */
    static final long ASK_MILLIS = 300;

    private static final long DEBOUNCE_MILLIS = 20;
    private static final Logger LOG = Logger.getLogger(RefreshingTopology.class);

    private final Vertx vertx;
    private final RedisOptions options;
    private final Context context;
    private final AtomicBoolean stale = new AtomicBoolean();
    private volatile List<RedisServer> all = List.of();
    private volatile boolean closed;

    private final List<RedisURI> listed = new ArrayList<>();
    private final Map<String, RedisServer> nodes = new ConcurrentHashMap<>();

    // Touched on the context alone.
    private @Nullable Future<List<RedisServer>> refreshing;
    private String told = "";

    RefreshingTopology(Vertx vertx, RedisOptions options) {
        this.vertx = vertx;
        this.options = options;
        this.context = vertx.getOrCreateContext();
        options.getEndpoints().forEach(endpoint -> listed.add(new RedisURI(endpoint)));
    }

    /** Finds the primaries and publishes them before it answers. On the context. */
    abstract Future<List<RedisServer>> discover();

    final Vertx vertx() {
        return vertx;
    }

    final void onContext(Runnable work) {
        context.runOnContext(ignored -> work.run());
    }

    /** The addresses in the settings. */
    final List<RedisURI> listed() {
        return listed;
    }

    /** A server that is reached as the first address in the settings says: TLS, user, password, client name. */
    final RedisServer node(String host, int port, boolean withDatabase) {
        String address = RedisServer.address(host, port);
        RedisServer known = nodes.get(address);
        if (known != null) {
            return known;
        }
        RedisURI like = listed.getFirst();
        String endpoint = like.protocol() + "://" + like.userinfo() + address
                + (withDatabase && like.select() != null ? "/" + like.select() : "")
                + (like.param("client") != null ? "?client=" + like.param("client") : "");
        // The pool's name labels its metrics.
        RedisOptions standalone = new RedisOptions(options)
                .setType(RedisClientType.STANDALONE)
                .setEndpoints(List.of(endpoint))
                .setPoolName(Objects.requireNonNullElse(options.getPoolName(), "") + "@" + address);
        RedisServer made = new RedisServer(vertx, standalone);
        // A guess from the others until it tells its own: a call made of no guess would be taken for one that can act
        // no more.
        all.stream().mapToLong(other -> other.clock().nowMillis()).max().ifPresent(made.clock()::saw);
        nodes.put(address, made);
        return made;
    }

    static int number(Response response) {
        return Integer.parseInt(response.toString());
    }

    /** Publishes the primaries, and closes the connections to all other servers but those in the settings. */
    final List<RedisServer> publish(Collection<RedisServer> primaries) {
        all = List.copyOf(primaries);
        Set<String> kept = new HashSet<>();
        listed.forEach(uri -> kept.add(RedisServer.address(uri)));
        all.forEach(node -> kept.add(node.address()));
        nodes.values().removeIf(node -> {
            boolean gone = !kept.contains(node.address());
            if (gone) {
                node.close();
            }
            return gone;
        });
        tell("Redis: " + primariesInWords());
        return all;
    }

    private String primariesInWords() {
        return (all.size() == 1 ? "the primary is " : "the primaries are ")
                + String.join(
                        ", ", all.stream().map(RedisServer::address).sorted().toList());
    }

    private void tell(String line) {
        if (!line.equals(told)) {
            told = line;
            LOG.info(line);
        }
    }

    @Override
    public final List<RedisServer> all() {
        return all;
    }

    @Override
    public final Future<List<RedisServer>> refresh() {
        Promise<List<RedisServer>> promise = Promise.promise();
        onContext(() -> refreshed().onComplete(promise));
        return promise.future();
    }

    @Override
    public void markStale(@Nullable RedisServer node, String said) {
        if (stale.compareAndSet(false, true)) {
            onContext(() -> vertx.setTimer(DEBOUNCE_MILLIS, timer -> {
                stale.set(false);
                refreshed();
            }));
        }
    }

    private Future<List<RedisServer>> refreshed() {
        Future<List<RedisServer>> running = refreshing;
        if (running != null) {
            return running;
        }
        if (closed) {
            return Future.failedFuture("closed");
        }
        Future<List<RedisServer>> begun;
        try {
            begun = discover();
        } catch (RuntimeException e) {
            // An address that is none; the next refresh may get a better one.
            begun = Future.failedFuture(e);
        }
        refreshing = begun;
        return begun.onComplete(done -> {
            refreshing = null;
            if (done.failed() && !closed) {
                tell("Redis: the primaries are unknown: " + done.cause().getMessage());
            }
        });
    }

    final boolean closed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        nodes.values().forEach(RedisServer::close);
    }
}
