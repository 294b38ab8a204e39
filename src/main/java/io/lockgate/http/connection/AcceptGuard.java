package io.lockgate.http.connection;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Stands in front of a listening socket: refuses the connections that a network has too many of, and gives each other
 * one its {@link ClientConnection}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells of failures by closing the channel.
final class AcceptGuard extends ChannelInboundHandlerAdapter {
    static final String NAME = "lockgate-accept";

    /** One read brings no more than is kept for a connection that must wait. */
    private static final RecvByteBufAllocator READS =
            new AdaptiveRecvByteBufAllocator(64, 2_048, ReadThrottle.READ_AHEAD).maxMessagesPerRead(1);

    private final ConnectionRules rules;
    private final @Nullable AnonymousConnections anonymous;
    private final AnonymousMemory memory;
    private final LongAdder refused;

    /**
     * @param anonymous null where connections are not counted
     * @param refused counts those refused
     */
    AcceptGuard(
            ConnectionRules rules,
            @Nullable AnonymousConnections anonymous,
            AnonymousMemory memory,
            LongAdder refused) {
        this.memory = memory;
        this.rules = rules;
        this.anonymous = anonymous;
        this.refused = refused;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof Channel child)) {
            ctx.fireChannelRead(message);
            return;
        }
        String network = networkOf(child.remoteAddress());
        AnonymousConnections.@Nullable Place place = null;
        if (anonymous != null) {
            place = anonymous.enter(network).orElse(null);
            if (place == null) {
                refused.increment();
                child.unsafe().closeForcibly();
                return;
            }
        }
        child.config().setRecvByteBufAllocator(READS);
        ClientConnection connection = new ClientConnection(child, rules, place, memory, network);
        child.attr(ClientConnection.KEY).set(connection);
        child.closeFuture().addListener(closed -> connection.ended());
        child.pipeline().addLast(new Opening(connection));
        ctx.fireChannelRead(message);
    }

    private static String networkOf(SocketAddress address) {
        return address instanceof InetSocketAddress internet && internet.getAddress() != null
                ? ClientAddress.network(IpAddress.text(internet.getAddress()))
                : "";
    }

    /** Puts the throttle where it sees what the decoder will see: behind TLS. */
    private static final class Opening extends ChannelInboundHandlerAdapter {
        private final ClientConnection connection;

        Opening(ClientConnection connection) {
            this.connection = connection;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (ctx.pipeline().context("ssl") != null) {
                ctx.pipeline().addAfter("ssl", ReadThrottle.NAME, new ReadThrottle(connection));
            } else {
                ctx.pipeline().addFirst(ReadThrottle.NAME, new ReadThrottle(connection));
            }
            ctx.fireChannelActive();
            ctx.pipeline().remove(this);
        }
    }
}
