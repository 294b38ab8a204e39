package io.lockgate.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client: which protocol it speaks, what it may do next, and by when. Touched by the connection's
 * event loop alone. A connection in order costs one timer for its first byte; another is set when bytes have come that
 * make no complete request.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells of failures by closing the channel.
final class ClientConnection {
    static final AttributeKey<ClientConnection> KEY = AttributeKey.valueOf("lockgate.connection");

    /** How long bytes of a client are thrown away after an answer that ends the connection. */
    static final Duration LINGER = Duration.ofSeconds(5);

    /**
     * Bytes thrown away meanwhile: more than the longest body that any API takes. After them the connection is closed
     * at once.
     */
    static final int LINGER_BYTES = 10 << 20;

    private static final long SOON_NANOS = 1_000_000;

    private enum Protocol {
        UNKNOWN,
        HTTP_1,
        HTTP_2
    }

    private final Channel channel;
    private final ConnectionRules rules;
    private final AnonymousConnections.@Nullable Place place;
    private final AnonymousMemory.Holder memory;
    private final Http2Frames frames = new Http2Frames();
    private final long opened = System.nanoTime();

    private Protocol protocol = Protocol.UNKNOWN;
    private @Nullable ReadThrottle throttle;
    private @Nullable ChannelHandlerContext throttleContext;
    private @Nullable RequestSequencer sequencer;
    private @Nullable Runnable bodyLate;
    private Duration bodyTime;
    /** No byte has come. */
    private boolean silent = true;

    /** No request has come. */
    private boolean asksNothing = true;

    private long partOfHeaders;
    private @Nullable Http2ConnectionHandler two;
    private boolean looksAtAnswers;
    private long answersHeldSince;
    private long windowMoved;
    private boolean verified;
    private boolean closing;
    /** Written on any thread. */
    private volatile boolean takesTooMuch;

    private int discarded;
    private long lastFields;

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
    ClientConnection(
            Channel channel,
            ConnectionRules rules,
            AnonymousConnections.@Nullable Place place,
            AnonymousMemory anonymous,
            String network) {
        this.memory = anonymous.new Holder(network, this::closeForMemory);
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

    /** @param kept bytes that nobody has decoded yet */
    void becomesHttp2(int kept) {
        protocol = Protocol.HTTP_2;
        frames.expectPreface();
        RequestSequencer before = sequencer;
        if (before != null) {
            before.decoder().follow(frames);
        }
        sequencer = null;
        long held = memory.bytes() - kept;
        // The request that asked for it is answered over HTTP/2. Nobody says when, so its memory counts for the time of
        // a header.
        channel.eventLoop()
                .schedule(
                        () -> memory.give(held), rules.limits().headerTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Bytes that the HTTP/2 handler is about to get. */
    void follow(ByteBuf bytes) {
        listenToFrames();
        frames.follow(bytes);
        if (isCounted()) {
            memory.give(bytes.readableBytes());
            long before = partOfHeaders;
            partOfHeaders = frames.isWithinHeaders() ? before + bytes.readableBytes() : 0;
            if (partOfHeaders > before) {
                memory.take(partOfHeaders - before);
            } else if (before > 0) {
                memory.give(before);
            }
        }
    }

    private void listenToFrames() {
        if (two == null) {
            Http2ConnectionHandler handler = channel.pipeline().get(Http2ConnectionHandler.class);
            if (handler != null) {
                two = handler;
                Http2Listener.install(this, handler);
            }
        }
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
        return !closing && !takesTooMuch && (one == null || one.takesBytes());
    }

    boolean keepsBytes() {
        return throttle != null && throttle.keepsBytes();
    }

    /** Reads what the application has stopped reading, and no longer wants. */
    void readOn() {
        channel.config().setAutoRead(true);
    }

    void resumeReading() {
        ReadThrottle handler = throttle;
        ChannelHandlerContext context = throttleContext;
        if (handler != null && context != null && !context.isRemoved()) {
            handler.resume(context);
        }
    }

    // ---------------------------------------------------------------- memory

    /** On any thread. From now on nothing of it is decoded, whenever its event loop comes to closing it. */
    private void closeForMemory() {
        takesTooMuch = true;
        channel.eventLoop().execute(this::abort);
    }

    boolean takesTooMuch() {
        return takesTooMuch;
    }

    /** Whether its requests count for the memory of clients without a good credential. */
    boolean isCounted() {
        return !verified;
    }

    void holds(long bytes) {
        memory.take(bytes);
    }

    void gives(long bytes) {
        memory.give(bytes);
    }

    /** Bytes have come, and wait for the decoder. */
    void arrived(int bytes) {
        if (isCounted()) {
            memory.take(bytes);
        }
    }

    /** The decoder of HTTP/1.1 is about to get that many of these bytes: fields of a header, a body, or both. */
    void decodes(ByteBuf bytes, int length) {
        if (isCounted()) {
            int[] lines = {0};
            bytes.forEachByte(bytes.readerIndex(), length, b -> {
                lines[0] += b == '\n' ? 1 : 0;
                return true;
            });
            lastFields = (long) AnonymousMemory.FIELD_BYTES * lines[0];
            memory.take(length + lastFields);
        }
    }

    /** A request of HTTP/1.1 has begun. */
    void requested() {
        asksNothing = false;
    }

    /**
     * What was decoded for a request is not held any more: its answer is written, or it is thrown away.
     *
     * @param more whether the bytes decoded last may hold fields of what comes behind
     */
    void forget(boolean more) {
        if (isCounted()) {
            memory.giveAll();
            ReadThrottle handler = throttle;
            memory.take((more ? lastFields : 0) + (handler == null ? 0 : handler.keptBytes()));
        }
    }

    // ---------------------------------------------------------------- answers over HTTP/2

    void windowMoved() {
        windowMoved = System.nanoTime();
    }

    /**
     * A request of HTTP/2 has come: its answer must be taken. A client's window decides that, and nothing tells of one
     * that is shut.
     */
    void requestedOverTwo() {
        asksNothing = false;
        if (!looksAtAnswers) {
            looksAtAnswers = true;
            answersHeldSince = 0;
            lookAtAnswersLater();
        }
    }

    private void lookAtAnswersLater() {
        channel.eventLoop()
                .schedule(this::lookAtAnswers, rules.limits().unreadTimeout().toMillis() / 2, TimeUnit.MILLISECONDS);
    }

    private void lookAtAnswers() {
        Http2ConnectionHandler handler = two;
        if (handler == null || !channel.isOpen() || handler.connection().numActiveStreams() == 0) {
            looksAtAnswers = false;
            return;
        }
        long now = System.nanoTime();
        // While the socket itself takes nothing, the time for that runs.
        if (!channel.isWritable() || !Http2Listener.holdsAnswers(handler)) {
            answersHeldSince = 0;
        } else if (answersHeldSince == 0) {
            answersHeldSince = now;
        } else {
            long since = windowMoved - answersHeldSince > 0 ? windowMoved : answersHeldSince;
            if (now - since >= rules.limits().unreadTimeout().toNanos()) {
                abort();
                return;
            }
        }
        lookAtAnswersLater();
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
        memory.leave();
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

    /** The client has shown a good credential: it no longer counts as anonymous. */
    void verify() {
        if (!verified) {
            verified = true;
            memory.leave();
            if (place != null) {
                place.leave();
            }
        }
    }

    /** Whether that request must not wait behind others. A stranger's may. */
    boolean isUrgent(String method, String target) {
        return verified && rules.urgency().isUrgent(method, RequestSequencer.pathOf(target));
    }

    /**
     * Whether a request that no {@link RequestSequencer} has seen may begin now; else it is run when it may.
     *
     * @param request see {@link Turns#tryBegin}
     */
    boolean tryBegin(String method, String target, BooleanSupplier request) {
        return turns(channel.eventLoop()).tryBegin(request, isUrgent(method, target));
    }

    /** Of all requests of this event loop. */
    Turns turns(EventExecutor loop) {
        return rules.turns().apply(loop);
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
        if ((asksNothing || withinHeader || withinBody || unread) && channel.isOpen()) {
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
        if (asksNothing && !wasWithinHeader) {
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
