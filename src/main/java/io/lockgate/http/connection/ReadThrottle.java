package io.lockgate.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.net.impl.VertxHandler;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Stands before the decoder and gives it the bytes of a connection in slices, none while a request waits for its answer
 * or an answer waits for its reader. What has come meanwhile is kept, and beyond {@value #READ_AHEAD} bytes the socket
 * is not read any more, so TCP stops the client. A little is always read ahead: without a read nobody notices that the
 * client is gone.
 *
 * <p>Netty's decoder cannot be stopped between two requests of one buffer, and Vert.x queues pipelined requests without
 * bound: with slices of {@value #SLICE} bytes a buffer brings some hundred requests at most beyond the one that is
 * being answered.
 *
 * <p>Over HTTP/2 the protocol's own flow control does this; the bytes pass, and only their frames are followed.
 */
final class ReadThrottle extends ChannelDuplexHandler {
    static final String NAME = "lockgate-throttle";

    /** Bytes given to the decoder at once. */
    static final int SLICE = 4_096;

    /** Bytes kept for a decoder that must wait. */
    static final int READ_AHEAD = 16_384;

    private final ClientConnection connection;
    private final Deque<ByteBuf> kept = new ArrayDeque<>();
    private int keptBytes;
    private boolean readHeldBack;
    private boolean feeding;
    private boolean resuming;

    ReadThrottle(ClientConnection connection) {
        this.connection = connection;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        connection.throttle(this, ctx);
    }

    /**
     * A connection that is lost before Vert.x has a handler on it, within the first header: nobody else would take the
     * failure, and Netty would log it.
     */
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // Closed is closed.
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException && ctx.pipeline().get(VertxHandler.class) == null) {
            ctx.close();
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    /** An upgrade to HTTP/2 removes all handlers but its own; what has not been decoded goes to the successor. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (connection.isClosing() || !ctx.channel().isActive()) {
            releaseKept();
            return;
        }
        ReadThrottle successor = new ReadThrottle(connection);
        successor.kept.addAll(kept);
        successor.keptBytes = keptBytes;
        successor.readHeldBack = readHeldBack;
        kept.clear();
        keptBytes = 0;
        connection.becomesHttp2(successor.keptBytes);
        ctx.pipeline().addFirst(NAME, successor);
        ctx.executor().execute(connection::resumeReading);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            ctx.fireChannelRead(message);
            return;
        }
        if (connection.isClosing()) {
            connection.discarded(bytes.readableBytes());
            bytes.release();
            return;
        }
        connection.arrived(bytes.readableBytes());
        kept.add(bytes);
        keptBytes += bytes.readableBytes();
        feed(ctx);
        if (keptBytes >= READ_AHEAD) {
            holdBack(ctx);
        }
    }

    private void holdBack(ChannelHandlerContext ctx) {
        readHeldBack = true;
        ctx.channel().config().setAutoRead(false);
    }

    /** Goes on when the connection takes requests again. */
    void resume(ChannelHandlerContext ctx) {
        if (readHeldBack && connection.takesBytes()) {
            // Before the bytes are given: when Vert.x stops reading because of them, that must stand.
            readHeldBack = false;
            resuming = true;
            ctx.channel().config().setAutoRead(true);
            resuming = false;
        }
        boolean fed = feed(ctx);
        if (keptBytes >= READ_AHEAD) {
            holdBack(ctx);
        }
        if (fed) {
            // Vert.x flushes its answers then.
            ctx.fireChannelReadComplete();
        }
        connection.watch();
    }

    /** The connection is about to end: what it still brings is of no use. */
    void discard() {
        releaseKept();
    }

    boolean keepsBytes() {
        return keptBytes > 0 || readHeldBack;
    }

    int keptBytes() {
        return keptBytes;
    }

    /** Whether the decoder was given anything. */
    private boolean feed(ChannelHandlerContext ctx) {
        if (feeding) {
            return false;
        }
        feeding = true;
        boolean fed = false;
        try {
            while (!kept.isEmpty() && connection.takesBytes()) {
                int most = connection.isConfigured(ctx) ? SLICE : 1;
                ByteBuf first = kept.peek();
                int length = first.readableBytes();
                if (connection.isHttp2()) {
                    connection.follow(first);
                    most = length;
                } else {
                    connection.decodes(first, Math.min(length, most));
                }
                if (connection.takesTooMuch()) {
                    break;
                }
                fed = true;
                if (length <= most) {
                    kept.poll();
                    keptBytes -= length;
                    ctx.fireChannelRead(first);
                } else {
                    keptBytes -= most;
                    ctx.fireChannelRead(first.readRetainedSlice(most));
                }
            }
        } finally {
            feeding = false;
        }
        return fed;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        connection.watch();
    }

    /** Vert.x, too, turns reading off and on, by what it knows. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (keptBytes >= READ_AHEAD && !resuming && !connection.isClosing()) {
            holdBack(ctx);
        } else {
            ctx.read();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        releaseKept();
        connection.ended();
        ctx.fireChannelInactive();
    }

    private void releaseKept() {
        while (!kept.isEmpty()) {
            kept.poll().release();
        }
        keptBytes = 0;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.fireChannelWritabilityChanged();
        connection.writabilityChanged();
    }
}
