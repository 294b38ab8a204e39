package io.lockgate.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hears the frames of an HTTP/2 connection before Vert.x does. Small pieces of a body are joined ({@link BodyParts}),
 * and what the requests take in memory is told to the connection.
 */
public final class Http2Listener extends Http2FrameListenerDecorator {
    /** A header that names what was taken out of a request. A client that sends it itself is refused, too. */
    public static final String MALFORMED = "lockgate-malformed";

    private final ClientConnection connection;
    private final Http2ConnectionHandler handler;
    private final Http2Connection two;
    private final Http2Connection.PropertyKey key;

    /** The state of a stream. */
    private static final class Request {
        private final BodyParts parts = new BodyParts();
        private long held;
    }

    private Http2Listener(
            ClientConnection connection, Http2ConnectionHandler handler, Http2Connection.PropertyKey key) {
        super(handler.decoder().frameListener());
        this.connection = connection;
        this.handler = handler;
        this.two = handler.connection();
        this.key = key;
    }

    static void install(ClientConnection connection, Http2ConnectionHandler handler) {
        Http2Connection.PropertyKey key = handler.connection().newKey();
        handler.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamRemoved(Http2Stream stream) {
                @Nullable Request request = stream.removeProperty(key);
                if (request != null) {
                    request.parts.release();
                    connection.gives(request.held);
                }
            }
        });
        handler.decoder().frameListener(new Http2Listener(connection, handler, key));
    }

    /** With the first settings Vert.x sets its own listener in place of whichever is there. */
    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) throws Http2Exception {
        listener.onSettingsRead(ctx, settings);
        if (!(handler.decoder().frameListener() instanceof Http2Listener)) {
            handler.decoder().frameListener(new Http2Listener(connection, handler, key));
        }
    }

    /** Whether a part of an answer waits until the client lets it come. */
    static boolean holdsAnswers(Http2ConnectionHandler handler) {
        try {
            return handler.connection()
                            .forEachActiveStream(stream -> !handler.connection()
                                    .remote()
                                    .flowController()
                                    .hasFlowControlled(stream))
                    != null;
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean endOfStream)
            throws Http2Exception {
        headersCame(ctx, streamId, headers);
        listener.onHeadersRead(ctx, streamId, headers, padding, endOfStream);
        flushReset(ctx, streamId);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endOfStream)
            throws Http2Exception {
        headersCame(ctx, streamId, headers);
        listener.onHeadersRead(ctx, streamId, headers, dependency, weight, exclusive, padding, endOfStream);
        flushReset(ctx, streamId);
    }

    /**
     * When Vert.x 4.5 resets a stream it forgets it immediately; Netty keeps it until the RST_STREAM is written. If the
     * connection breaks in between, Vert.x throws for every answer under way. So the reset is flushed now.
     */
    private void flushReset(ChannelHandlerContext ctx, int streamId) {
        @Nullable Http2Stream stream = two.stream(streamId);
        if (stream != null && stream.isResetSent()) {
            ctx.flush();
        }
    }

    private void headersCame(ChannelHandlerContext ctx, int streamId, Http2Headers headers) throws Http2Exception {
        @Nullable Http2Stream stream = two.stream(streamId);
        @Nullable Request before = stream == null ? null : stream.getProperty(key);
        if (before != null) {
            // A trailer. What was kept of the body comes before it.
            @Nullable ByteBuf kept = before.parts.take();
            if (kept != null) {
                try {
                    int read = listener.onDataRead(ctx, streamId, kept, 0, false);
                    two.local().flowController().consumeBytes(stream, read);
                } finally {
                    kept.release();
                }
            }
        } else {
            makeSafe(headers);
        }
        connection.requestedOverTwo();
        if (!connection.isCounted()) {
            return;
        }
        long size = 0;
        for (Map.Entry<CharSequence, CharSequence> entry : headers) {
            size += AnonymousMemory.FIELD_BYTES
                    + 2L * (entry.getKey().length() + entry.getValue().length());
        }
        holds(streamId, size);
    }

    /**
     * Vert.x would take the first of two hosts and a method with a line break, and fail at what is no method at all
     * with the whole connection. So that each is refused in the format of its API ({@link Http2Rules}), it becomes a
     * request that Vert.x takes.
     */
    private static void makeSafe(Http2Headers headers) {
        if (headers.getAll(HttpHeaderNames.HOST).size() > 1) {
            headers.remove(HttpHeaderNames.HOST);
            headers.remove(Http2Headers.PseudoHeaderName.AUTHORITY.value());
        }
        CharSequence method = headers.method();
        if (method != null && !isToken(method)) {
            headers.method("GET");
            headers.set(MALFORMED, ":method");
        }
        List<CharSequence> bad = new ArrayList<>();
        for (CharSequence name : headers.names()) {
            if (!Http2Headers.PseudoHeaderName.hasPseudoHeaderFormat(name) && !isToken(name)) {
                bad.add(name);
            }
        }
        if (!bad.isEmpty()) {
            bad.forEach(headers::remove);
            headers.set(MALFORMED, "(header)");
        }
    }

    private static boolean isToken(CharSequence text) {
        return !text.isEmpty() && HttpHeaderValidationUtil.validateToken(text) < 0;
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream)
            throws Http2Exception {
        holds(streamId, data.readableBytes());
        @Nullable Request request = request(streamId);
        if (request == null) {
            return listener.onDataRead(ctx, streamId, data, padding, endOfStream);
        }
        if (!endOfStream && request.parts.keeps(ctx, data)) {
            return padding;
        }
        @Nullable ByteBuf joined = request.parts.with(data);
        if (joined == null) {
            return listener.onDataRead(ctx, streamId, data, padding, endOfStream);
        }
        try {
            // What was kept before counts as unread until now.
            return listener.onDataRead(ctx, streamId, joined, 0, endOfStream) + padding;
        } finally {
            joined.release();
        }
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int increment) throws Http2Exception {
        connection.windowMoved();
        listener.onWindowUpdateRead(ctx, streamId, increment);
    }

    private void holds(int streamId, long bytes) {
        if (connection.isCounted()) {
            @Nullable Request request = request(streamId);
            if (request != null) {
                request.held += bytes;
                connection.holds(bytes);
            }
        }
    }

    private @Nullable Request request(int streamId) {
        @Nullable Http2Stream stream = two.stream(streamId);
        if (stream == null) {
            return null;
        }
        @Nullable Request request = stream.getProperty(key);
        if (request == null) {
            request = new Request();
            stream.setProperty(key, request);
        }
        return request;
    }
}
