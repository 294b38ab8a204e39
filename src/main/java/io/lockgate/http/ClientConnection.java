package io.lockgate.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client: which protocol it speaks, what it may do next, and by when. Touched by the connection's event loop
 * alone. A connection in order costs one timer for its first byte; another is set when bytes have come that make no complete request.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells of failures by closing the channel.
final class ClientConnection {
    static final AttributeKey<ClientConnection> KEY = AttributeKey.valueOf("lockgate.connection");

    /** How long bytes of a client are thrown away after an answer that ends the connection. */
    static final Duration LINGER = Duration.ofSeconds(5);

    /** Bytes thrown away meanwhile: more than the longest body that any API takes. After them the connection is closed at once. */
    private static final int LINGER_BYTES = 10 << 20;

    private static final long SOON_NANOS = 1_000_000;

    private enum Protocol {
        UNKNOWN,
        HTTP_1,
        HTTP_2
    }

    private final Channel channel;
    private final ConnectionRules rules;
    private final AnonymousConnections.@Nullable Place place;
    private final Http2Frames frames = new Http2Frames();
    private final long opened = System.nanoTime();

    private Protocol protocol = Protocol.UNKNOWN;
    private @Nullable ReadThrottle throttle;
    private @Nullable ChannelHandlerContext throttleContext;
    private @Nullable RequestSequencer sequencer;
    private @Nullable Runnable bodyLate;
    private Duration bodyTime;
    private boolean silent = true;
    private boolean verified;
    private boolean closing;
    private int discarded;

    private boolean wasWithinHeader;
    private long headerSince;
    private boolean wasWithinBody;
    private long bodySince;
    private boolean unread;
    private long unreadSince;
    private long unreadBytes;
    private @Nullable Future<?> timer;
    private long timerAt;

    /** @param place among the connections without a credential; null where these are not counted */
    ClientConnection(Channel channel, ConnectionRules rules, AnonymousConnections.@Nullable Place place) {
        this.channel = channel;
        this.rules = rules;
        this.place = place;
        this.bodyTime = rules.limits().bodyTimeout();
    }

    // ---------------------------------------------------------------- reading

    void throttle(ReadThrottle handler, ChannelHandlerContext context) {
        throttle = handler;
        throttleContext = context;
        watch();
    }

    boolean isHttp2() {
        return protocol == Protocol.HTTP_2;
    }

    boolean isTls() {
        return channel.pipeline().get("ssl") != null;
    }

    void becomesHttp2() {
        protocol = Protocol.HTTP_2;
        sequencer = null;
    }

    Http2Frames frames() {
        return frames;
    }

    /** Whether the protocol is known; the first to find it so puts the handlers of HTTP/1.1 in place. */
    boolean isConfigured(ChannelHandlerContext context) {
        if (protocol == Protocol.UNKNOWN) {
            silent = false;
            ChannelPipeline pipeline = context.pipeline();
            if (pipeline.context("httpDecoder") != null && pipeline.context("httpEncoder") != null) {
                RequestDecoder decoder = new RequestDecoder(rules.decoderOptions());
                RequestSequencer added = new RequestSequencer(this, decoder);
                protocol = Protocol.HTTP_1;
                sequencer = added;
                pipeline.addAfter("httpEncoder", RequestSequencer.NAME, added);
                pipeline.replace("httpDecoder", "httpDecoder", decoder);
            } else if (pipeline.get(Http2ConnectionHandler.class) != null) {
                protocol = Protocol.HTTP_2;
            }
        }
        return protocol != Protocol.UNKNOWN;
    }

    /** Whether bytes may be decoded now. */
    boolean takesBytes() {
        RequestSequencer one = sequencer;
        return !closing && (one == null || one.takesBytes());
    }

    boolean keepsBytes() {
        return throttle != null && throttle.keepsBytes();
    }

    void resumeReading() {
        ReadThrottle handler = throttle;
        ChannelHandlerContext context = throttleContext;
        if (handler != null && context != null && !context.isRemoved()) {
            handler.resume(context);
        }
    }

    // ---------------------------------------------------------------- the end

    boolean isClosing() {
        return closing;
    }

    void closing() {
        closing = true;
        ReadThrottle handler = throttle;
        if (handler != null) {
            handler.discard();
        }
    }

    /** Counts what is thrown away of a connection that is closing. */
    void discarded(int bytes) {
        discarded += bytes;
        if (discarded > LINGER_BYTES) {
            abort();
        }
    }

    void ended() {
        Future<?> set = timer;
        timer = null;
        if (set != null) {
            set.cancel(false);
        }
        bodyLate = null;
        if (place != null) {
            place.leave();
        }
    }

    /** Closes at once. From the throttle on outwards: Vert.x' own handler would first wait until all is written. */
    private void abort() {
        ChannelHandlerContext context = throttleContext;
        if (context != null && !context.isRemoved()) {
            context.close();
        } else {
            channel.close();
        }
    }

    EarlyProblems problems() {
        return rules.problems();
    }

    int headerLimitBytes() {
        return rules.decoderOptions().getMaxHeaderSize();
    }

    /** Answers the request under way in place of the application, and closes. */
    void refuse(EarlyProblems.Answer answer) {
        closing();
        Objects.requireNonNull(sequencer).send(answer);
    }

    // ---------------------------------------------------------------- who

    /** The client has shown a good credential: it counts as a stranger no more. */
    void verify() {
        if (!verified) {
            verified = true;
            if (place != null) {
                place.leave();
            }
        }
    }

    boolean isVerified() {
        return verified;
    }

    int streamsOnceVerified() {
        return rules.limits().streams();
    }

    // ---------------------------------------------------------------- deadlines

    /**
     * Notes the request whose body may yet come.
     *
     * @param late answers it when it takes too long
     */
    void expectsBody(Duration time, Runnable late) {
        bodyTime = time;
        bodyLate = late;
    }

    void writabilityChanged() {
        unread = !channel.isWritable();
        if (unread) {
            unreadSince = System.nanoTime();
            unreadBytes = pendingBytes();
        }
        watch();
    }

    /** Whether the client has taken anything since this was last asked. */
    private boolean tookSome() {
        long before = unreadBytes;
        unreadBytes = pendingBytes();
        return unreadBytes < before;
    }

    private long pendingBytes() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /** Looks at what the connection waits for, and sets a timer if that must not take for ever. */
    void watch() {
        RequestSequencer one = sequencer;
        boolean withinHeader = one == null ? isWithinFrame() : one.isWithinHeader();
        if (withinHeader && !wasWithinHeader) {
            headerSince = System.nanoTime();
        }
        wasWithinHeader = withinHeader;
        boolean withinBody = one != null && one.isWithinBody();
        if (withinBody && !wasWithinBody) {
            bodySince = System.nanoTime();
        }
        if (!withinBody && bodyLate != null) {
            bodyLate = null;
            bodyTime = rules.limits().bodyTimeout();
        }
        wasWithinBody = withinBody;
        if ((silent || withinHeader || withinBody || unread) && channel.isOpen()) {
            setTimer();
        }
    }

    /** A header has ended: what comes next has its own time. */
    void headerEnded() {
        wasWithinHeader = false;
        wasWithinBody = false;
    }

    /** One timer, brought forward when something is due earlier. */
    private void setTimer() {
        long left = nanosLeft();
        if (left == Long.MAX_VALUE) {
            return;
        }
        long at = System.nanoTime() + Math.max(left, SOON_NANOS);
        Future<?> set = timer;
        if (set != null && at - timerAt >= 0) {
            return;
        }
        if (set != null) {
            set.cancel(false);
        }
        timerAt = at;
        timer = channel.eventLoop().schedule(this::check, Math.max(left, SOON_NANOS), TimeUnit.NANOSECONDS);
    }

    private boolean isWithinFrame() {
        return protocol == Protocol.HTTP_2 ? frames.isIncomplete() : !silent;
    }

    private void check() {
        timer = null;
        if (!channel.isOpen()) {
            return;
        }
        if (nanosLeft() > 0) {
            watch();
        } else if (unread && tookSome()) {
            unreadSince = System.nanoTime();
            watch();
        } else if (!unread && wasWithinBody && !closing) {
            bodyIsLate();
        } else {
            abort();
        }
    }

    private void bodyIsLate() {
        RequestSequencer one = Objects.requireNonNull(sequencer);
        Runnable late = bodyLate;
        bodyLate = null;
        if (!channel.config().isAutoRead() && !one.hasAnswerBegun()) {
            // The application takes its time to read; the client does not.
            bodySince = System.nanoTime();
            watch();
        } else if (late == null || one.hasAnswerBegun()) {
            abort();
        } else {
            bodySince = System.nanoTime();
            late.run();
            watch();
        }
    }

    private long nanosLeft() {
        ConnectionLimits limits = rules.limits();
        long now = System.nanoTime();
        long left = Long.MAX_VALUE;
        if (silent) {
            left = Math.min(left, opened + limits.firstByteTimeout().toNanos() - now);
        }
        if (wasWithinHeader) {
            boolean data = protocol == Protocol.HTTP_2 && frames.isWithinData();
            long since = protocol == Protocol.HTTP_2 ? frames.since() : headerSince;
            Duration time = data ? limits.bodyTimeout() : limits.headerTimeout();
            left = Math.min(left, since + time.toNanos() - now);
        }
        if (wasWithinBody) {
            left = Math.min(left, bodySince + bodyTime.toNanos() - now);
        }
        if (unread) {
            left = Math.min(left, unreadSince + limits.unreadTimeout().toNanos() - now);
        }
        return left;
    }
}
