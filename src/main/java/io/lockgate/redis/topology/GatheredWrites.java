package io.lockgate.redis.topology;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.Vertx;
import io.vertx.core.impl.CloseFuture;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.impl.VertxWrapper;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.impl.NetClientImpl;
import io.vertx.core.spi.metrics.TCPMetrics;
import io.vertx.core.spi.metrics.VertxMetrics;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x as the Redis client is given it: what its connections write while an event loop works off the events that it
 * has found leaves in one system call. The client itself makes a system call for each command, which costs the gateway
 * more than to encode the command, and Redis one more read. Nothing waits for company: a command that is alone leaves
 * when the events are worked off.
 */
final class GatheredWrites extends VertxWrapper {
    /** So many commands leave without waiting for the end of the events. */
    private static final int MOST = 64;

    GatheredWrites(Vertx vertx) {
        super((VertxInternal) vertx);
    }

    @Override
    public NetClient createNetClient(NetClientOptions options) {
        VertxMetrics metrics = delegate.metricsSPI();
        TCPMetrics<?> ofClient = metrics == null ? null : metrics.createNetClientMetrics(options);
        // As VertxImpl does: the client closes its connections when it is closed, and when Vert.x is.
        CloseFuture closing = new CloseFuture();
        NetClientImpl client = new GatheringClient(delegate, ofClient, options, closing);
        closing.add(client);
        delegate.closeFuture().add(closing);
        return client;
    }

    private static final class GatheringClient extends NetClientImpl {
        GatheringClient(
                VertxInternal vertx, @Nullable TCPMetrics<?> metrics, NetClientOptions options, CloseFuture closing) {
            super(vertx, metrics, options, closing);
        }

        @Override
        protected void initChannel(ChannelPipeline pipeline) {
            super.initChannel(pipeline);
            pipeline.addLast("gather", new FlushConsolidationHandler(MOST, true));
        }
    }
}
