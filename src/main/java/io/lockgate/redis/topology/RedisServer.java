package io.lockgate.redis.topology;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.RedisURI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One Redis server: a connection to it for each event loop, and what its clock says. */
public final class RedisServer {
    private final String address;
    private final RedisOptions options;
    private final StoreClock clock = new StoreClock();
    private final Map<Thread, EventLoopConnection> lines = new ConcurrentHashMap<>();
    private final Outage outage = new Outage(System::nanoTime);
    private final MemoryPressure fullness = new MemoryPressure();
    private final FunctionSupport functions = new FunctionSupport();
    private final AtomicReference<@Nullable FairQueue> asked = new AtomicReference<>();
    private final AtomicReference<@Nullable FairQueue> kept = new AtomicReference<>();
    private final Vertx vertx;
    private volatile boolean closed;

    /** @param options of a standalone client with one address */
    public RedisServer(Vertx vertx, RedisOptions options) {
        this.vertx = vertx;
        this.address = address(new RedisURI(options.getEndpoint()));
        this.options = options;
    }

    /** {@code host:port}, or the path of a socket. */
    public static String address(RedisURI uri) {
        return uri.unix()
                ? uri.socketAddress().path()
                : address(uri.socketAddress().host(), uri.socketAddress().port());
    }

    public static String address(String host, int port) {
        return (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
    }

    public String address() {
        return address;
    }

    public StoreClock clock() {
        return clock;
    }

    public Outage outage() {
        return outage;
    }

    public MemoryPressure fullness() {
        return fullness;
    }

    public FunctionSupport functions() {
        return functions;
    }

    /**
     * The calls that wait before this server; all event loops share them.
     *
     * @param ofKept that for calls that keep or release what somebody holds
     */
    public FairQueue queue(boolean ofKept, Supplier<FairQueue> make) {
        AtomicReference<@Nullable FairQueue> place = ofKept ? kept : asked;
        FairQueue made = place.get();
        if (made != null) {
            return made;
        }
        FairQueue fresh = make.get();
        FairQueue other = place.compareAndExchange(null, fresh);
        return other == null ? fresh : other;
    }

    /** That of the event loop on which this is called. */
    public EventLoopConnection line() {
        EventLoopConnection line = lines.computeIfAbsent(Thread.currentThread(), thread -> makeLine());
        if (closed) {
            line.close();
        }
        return line;
    }

    /**
     * With a client of its own, for a client binds all its connections to the context in which it is made: a call then
     * stays on its event loop from the first byte of the request to the last of the answer. The context is that of the
     * event loop, not of the request in whose course the line is made.
     */
    private EventLoopConnection makeLine() {
        ContextInternal loop = ((ContextInternal) vertx.getOrCreateContext()).unwrap();
        ContextInternal before = loop.beginDispatch();
        try {
            return new EventLoopConnection(Redis.createClient(new GatheredWrites(vertx), options), clock, loop);
        } finally {
            loop.endDispatch(before);
        }
    }

    /**
     * Asks for role and time, and fails when it is not a primary: the connection is given up then. On the event loop
     * on which this is called.
     */
    public Future<ServerTime> check(long millis) {
        EventLoopConnection line = line();
        RedisConnection open = line.open();
        return open == null
                ? line.connection()
                        .timeout(millis, TimeUnit.MILLISECONDS)
                        .compose(connection -> line.check(connection, millis))
                : line.check(open, millis);
    }

    /**
     * Asks on the connection of every event loop whether it still leads to a primary, and gives up those that do not.
     */
    public void recheck() {
        lines.values().forEach(EventLoopConnection::recheck);
    }

    /** A plain command, on the event loop on which this is called; not for request paths. */
    public Future<@Nullable Response> ask(Request request, long millis) {
        EventLoopConnection line = line();
        RedisConnection open = line.open();
        return open == null
                ? line.connection()
                        .timeout(millis, TimeUnit.MILLISECONDS)
                        .compose(connection -> ask(line, connection, request, millis))
                : ask(line, open, request, millis);
    }

    private Future<@Nullable Response> ask(
            EventLoopConnection line, RedisConnection connection, Request request, long millis) {
        return AnswerTime.limit(vertx, connection.send(request), millis).onFailure(failure -> {
            if (!EventLoopConnection.isReply(failure)) {
                line.giveUp(connection);
            }
        });
    }

    /** Listens to a channel, on the event loop on which this is called. */
    public Subscription subscribe(String channel, Consumer<String> message, Runnable whenEnded) {
        return Subscription.begin(vertx, options, this, channel, message, whenEnded);
    }

    /** A call that waits for an answer fails, and is sent to the server that took over. */
    public void close() {
        closed = true;
        lines.values().forEach(EventLoopConnection::close);
    }

    @Override
    public String toString() {
        return address;
    }
}
