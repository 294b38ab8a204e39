package io.lockgate.http.connection;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.impl.VertxInternal;
import jakarta.inject.Singleton;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Puts an {@link AcceptGuard} in front of each listening socket of the gateway, that of the operators included. Vert.x
 * and Quarkus offer no place for it, so the sockets are looked for where Netty keeps them: on the event loop that
 * accepts connections, from the moment in which Quarkus asks for the options of its server, just before it listens.
 */
@Singleton
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells of failures by closing the channel.
public final class ServerGuards implements HttpServerOptionsCustomizer {
    private static final Logger LOG = Logger.getLogger(ServerGuards.class);

    private static final long LOOK_EVERY_MILLIS = 1;
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LOOK_LATER_MILLIS = 200;
    private static final long GIVE_UP_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final EventLoop acceptor;
    private final ConnectionLimits limits;
    private final EarlyProblems problems;
    private final Urgency urgency;
    private final boolean counts;
    private final LongAdder refused = new LongAdder();
    private final LongAdder outOfMemory = new LongAdder();
    private final List<AnonymousConnections> anonymous = new CopyOnWriteArrayList<>();
    private final AtomicBoolean looking = new AtomicBoolean();

    /** Sockets that will listen, as far as Quarkus has said; that of the operators is one more. */
    private final AtomicInteger expected = new AtomicInteger(1);

    ServerGuards(
            Vertx vertx,
            ConnectionLimits limits,
            EarlyProblems problems,
            Urgency urgency,
            MeterRegistry meters,
            @ConfigProperty(name = "quarkus.http.proxy.proxy-address-forwarding") boolean forwarding) {
        this.acceptor = ((VertxInternal) vertx).getAcceptorEventLoopGroup().next();
        this.limits = limits;
        this.problems = problems;
        this.urgency = urgency;
        // Behind proxies all connections are the proxies'.
        this.counts = limits.anonymousConnections() > 0 && !forwarding;
        FunctionCounter.builder("lockgate.http.connections.refused", refused, LongAdder::sum)
                .description("Connections closed at once: their network has too many without a credential")
                .register(meters);
        FunctionCounter.builder("lockgate.http.connections.closed.for.memory", outOfMemory, LongAdder::sum)
                .description("Connections closed because requests without a credential took too much memory")
                .register(meters);
        Gauge.builder(
                        "lockgate.http.networks.anonymous",
                        anonymous,
                        all -> all.stream()
                                .mapToInt(AnonymousConnections::networks)
                                .sum())
                .description("Networks that have connections without a credential")
                .register(meters);
    }

    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        expected.incrementAndGet();
        expect(options);
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        // Quarkus asks for them without a certificate too, and then does not listen.
        if (options.getKeyCertOptions() != null) {
            expected.incrementAndGet();
        }
        expect(options);
    }

    private void expect(HttpServerOptions options) {
        options.getInitialSettings().setMaxConcurrentStreams(limits.anonymousStreams());
        if (looking.compareAndSet(false, true)) {
            Map<EventExecutor, Turns> turns = new ConcurrentHashMap<>();
            ConnectionRules rules = new ConnectionRules(
                    limits,
                    problems,
                    urgency,
                    loop -> turns.computeIfAbsent(loop, Turns::new),
                    new HttpServerOptions(options));
            long since = System.nanoTime();
            acceptor.execute(() -> look(rules, since));
        }
    }

    private void look(ConnectionRules rules, long since) {
        int guarded = guardAll(rules);
        long elapsed = System.nanoTime() - since;
        if (guarded < expected.get() && elapsed < GIVE_UP_NANOS) {
            long pause = elapsed < SOON_NANOS ? LOOK_EVERY_MILLIS : LOOK_LATER_MILLIS;
            acceptor.schedule(() -> look(rules, since), pause, TimeUnit.MILLISECONDS);
        } else if (guarded < expected.get()) {
            LOG.errorf(
                    "found %d of %d listening sockets: connections of the others have no deadlines and no limits",
                    guarded, expected.get());
        }
    }

    /** How many listening sockets have a guard now. */
    private int guardAll(ConnectionRules rules) {
        int guarded = 0;
        Iterator<Channel> channels = ((SingleThreadEventLoop) acceptor).registeredChannelsIterator();
        while (channels.hasNext()) {
            Channel channel = channels.next();
            if (channel instanceof ServerChannel) {
                if (channel.pipeline().get(AcceptGuard.NAME) == null) {
                    // Each socket counts for itself: whoever fills the clients' must not keep operators out.
                    channel.pipeline()
                            .addFirst(
                                    AcceptGuard.NAME,
                                    new AcceptGuard(
                                            rules, connections(), AnonymousMemory.of(limits, outOfMemory), refused));
                }
                guarded++;
            }
        }
        return guarded;
    }

    private @Nullable AnonymousConnections connections() {
        if (!counts) {
            return null;
        }
        AnonymousConnections ofSocket = new AnonymousConnections(limits.anonymousConnections());
        anonymous.add(ofSocket);
        return ofSocket;
    }
}
