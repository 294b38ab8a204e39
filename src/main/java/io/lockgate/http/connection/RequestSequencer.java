package io.lockgate.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands behind the decoder of HTTP/1.1 and lets one request at a time through: the next one when the answer is written
 * and the client has read most of it, and when it is its turn among those of other connections ({@link Turns}). A
 * request that cannot be taken is answered here, in the format of the API whose path it names, and the connection is
 * closed, because nobody can tell where the next request begins.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells of failures by closing the channel.
public final class RequestSequencer extends ChannelDuplexHandler {
    static final String NAME = "lockgate-sequencer";

    /** Of the request that is next, among those of the event loop. */
    private enum Turn {
        NOT_ASKED,
        AWAITED,
        COME
    }

    private final ClientConnection connection;
    private final RequestDecoder decoder;
    private final Deque<Object> waiting = new ArrayDeque<>();
    private final BooleanSupplier whenItsTurn = this::turn;
    private Turn turn = Turn.NOT_ASKED;
    private @Nullable Turns turns;
    private boolean answerOwed;
    private boolean requestComplete = true;
    private boolean answerBegun;
    private boolean closeAfterAnswer;
    /** Its answers have no body (RFC 9110, 9.3.2). */
    private boolean isHead;

    /** The body under way is not wanted any more: its request has been answered. */
    private boolean discarding;

    private int discarded;
    /** Answered here: what the application may still say to this request is dropped. */
    private boolean refused;

    private String path = "";
    private final BodyParts parts = new BodyParts();
    private @Nullable ChannelHandlerContext ctx;

    RequestSequencer(ClientConnection connection, RequestDecoder decoder) {
        this.connection = connection;
        this.decoder = decoder;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        turns = connection.turns(added.executor());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        while (!waiting.isEmpty()) {
            removed.fireChannelRead(waiting.poll());
        }
    }

    RequestDecoder decoder() {
        return decoder;
    }

    /** Whether more bytes may be decoded. */
    boolean takesBytes() {
        return waiting.isEmpty()
                && (!requestComplete || (!answerOwed && context().channel().isWritable()));
    }

    /** Whether a header has begun and is not complete. */
    boolean isWithinHeader() {
        return requestComplete && !answerOwed && waiting.isEmpty() && decoder.holdsPart();
    }

    boolean isWithinBody() {
        return !requestComplete;
    }

    /** Whether the answer to the request under way has begun: then no other can be given. */
    boolean hasAnswerBegun() {
        return answerBegun || !answerOwed;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (connection.isClosing()) {
            ReferenceCountUtil.release(message);
        } else if (waiting.isEmpty() && mayPass(message)) {
            pass(ctx, message);
        } else {
            waiting.add(message);
        }
    }

    private boolean mayPass(Object message) {
        return !(message instanceof HttpRequest request)
                || (!answerOwed && context().channel().isWritable() && isItsTurn(request));
    }

    private boolean isItsTurn(HttpRequest request) {
        switch (turn) {
            case AWAITED -> {
                return false;
            }
            case COME -> {}
            case NOT_ASKED -> {
                if (!Objects.requireNonNull(turns)
                        .tryBegin(
                                whenItsTurn,
                                connection.isUrgent(request.method().name(), request.uri()))) {
                    turn = Turn.AWAITED;
                    return false;
                }
            }
        }
        turn = Turn.NOT_ASKED;
        return true;
    }

    /** The turn has come; whether it was used. One that was not is over: the client has left or reads no answers. */
    private boolean turn() {
        turn = Turn.COME;
        advance();
        boolean used = turn != Turn.COME;
        turn = used ? turn : Turn.NOT_ASKED;
        return used;
    }

    private void pass(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            connection.headerEnded();
            requestComplete = false;
            answerBegun = false;
            answerOwed = true;
            path = pathOf(request.uri());
            isHead = HttpMethod.HEAD.equals(request.method());
            connection.requested();
            DecoderResult decoded = request.decoderResult();
            if (decoded.isSuccess()) {
                RequestRules.settleUpgrade(request.headers(), request.protocolVersion());
            }
            if (decoded.isFailure()) {
                ReferenceCountUtil.release(message);
                refuse(decoded.cause());
                return;
            }
            @Nullable FramingException fault = RequestRules.faultOf(request).orElse(null);
            if (fault != null) {
                ReferenceCountUtil.release(message);
                refuse(fault);
                return;
            }
        }
        if (message instanceof HttpContent content) {
            passContent(ctx, content);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private void passContent(ChannelHandlerContext ctx, HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        DecoderResult decoded = content.decoderResult();
        if (decoded.isFailure()) {
            content.release();
            malformed(decoded.cause());
            return;
        }
        if (last) {
            requestComplete = true;
        }
        if (discarding) {
            discard(ctx, content, last);
            return;
        }
        if (!last && parts.keeps(ctx, content.content())) {
            content.release();
            return;
        }
        @Nullable ByteBuf before = parts.take();
        if (before != null) {
            ctx.fireChannelRead(new DefaultHttpContent(before));
        }
        ctx.fireChannelRead(content);
    }

    /** Vert.x would keep what nobody reads. It hears only of the end. */
    private void discard(ChannelHandlerContext ctx, HttpContent content, boolean last) {
        discarded += content.content().readableBytes();
        content.release();
        // Newlines in this chunk were bytes of a body; those decoded last may be fields of the trailer, which the
        // decoder keeps.
        connection.forget(true);
        if (discarded > ClientConnection.LINGER_BYTES) {
            ctx.close();
        } else if (last) {
            discarding = false;
            ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    /** Where the body ends, and the next request begins, is not known. */
    private void malformed(Throwable cause) {
        if (hasAnswerBegun()) {
            connection.closing();
            context().close();
        } else if (cause instanceof TooLongHttpHeaderException) {
            refuse(connection.problems().answer(path, 431, "the trailer of the body is too long"));
        } else {
            refuse(connection.problems().answer(path, 400, "the chunks of the body are not those of HTTP/1.1"));
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (refused) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        if (message instanceof HttpResponse response) {
            if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                ctx.write(message, promise);
                return;
            }
            answerBegun = true;
            closeAfterAnswer =
                    response.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
        }
        boolean last = message instanceof LastHttpContent;
        if (last && closeAfterAnswer && !requestComplete && !connection.isClosing()) {
            // The rest of the body is on its way: a close now could take the answer from the client.
            connection.closing();
            ctx.write(message, promise.unvoid().addListener(done -> linger(ctx)));
            return;
        }
        ctx.write(message, promise);
        if (last) {
            answerOwed = false;
            connection.forget(!requestComplete || !waiting.isEmpty() || decoder.holdsPart());
            if (!requestComplete) {
                // Code that answers early need not read the rest of the body.
                discarding = true;
                discarded = 0;
                parts.release();
                connection.readOn();
            }
            answered(ctx);
        }
    }

    private void answered(ChannelHandlerContext ctx) {
        if (!waiting.isEmpty() || connection.keepsBytes() || !requestComplete) {
            // Not from within the code that writes: it has not finished with this request yet.
            ctx.executor().execute(this::advance);
        } else if (decoder.holdsPart()) {
            connection.watch();
        }
    }

    /** Lets the next request through, if there is one and it may go. */
    void advance() {
        ChannelHandlerContext here = context();
        if (!here.channel().isActive() || connection.isClosing()) {
            return;
        }
        boolean passed = false;
        while (!waiting.isEmpty() && !connection.isClosing() && mayPass(Objects.requireNonNull(waiting.peek()))) {
            pass(here, Objects.requireNonNull(waiting.poll()));
            passed = true;
        }
        if (connection.isClosing()) {
            releaseWaiting();
            return;
        }
        if (passed) {
            here.fireChannelReadComplete();
        }
        connection.resumeReading();
    }

    private void refuse(Throwable cause) {
        refuse(
                switch (cause) {
                    case FramingException e -> connection.problems().answer(path, e.status(), e.description());
                    case TooLongHttpLineException e ->
                        connection.problems().answer(pathOfTooLong(), 414, "the first line of the request is too long");
                    case TooLongHttpHeaderException e ->
                        connection
                                .problems()
                                .headerTooLarge(path, decoder.lastHeaderName(), connection.headerLimitBytes());
                    default -> connection.problems().answer(path, 400, "the header is not one of HTTP/1.1");
                });
    }

    private void refuse(EarlyProblems.Answer answer) {
        connection.refuse(answer);
        refused = true;
    }

    /** The path of a first line that never ended is not known, but for what stands in front of the limit. */
    private static String pathOfTooLong() {
        return "";
    }

    /** Answers in place of the application, which hears no more of this connection. */
    void send(EarlyProblems.Answer answer) {
        ChannelHandlerContext here = context();
        ByteBuf body = isHead ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(answer.body());
        DefaultFullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), body);
        answer.headers().forEach((name, value) -> response.headers().set(name, value));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        here.writeAndFlush(response).addListener(done -> linger(here));
    }

    /**
     * Ends the connection so that the answer arrives: what the client is still sending is read and thrown away for a
     * while, since a close with unread bytes resets the connection (RFC 9112, 9.6).
     */
    private void linger(ChannelHandlerContext ctx) {
        if (!ctx.channel().isActive()) {
            return;
        }
        if (ctx.channel() instanceof DuplexChannel plain && !connection.isTls()) {
            plain.shutdownOutput();
        }
        ctx.channel().config().setAutoRead(true);
        ctx.executor().schedule(() -> ctx.close(), ClientConnection.LINGER.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.fireChannelWritabilityChanged();
        if (ctx.channel().isWritable()) {
            ctx.executor().execute(this::advance);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        releaseWaiting();
        parts.release();
        ctx.fireChannelInactive();
    }

    private void releaseWaiting() {
        while (!waiting.isEmpty()) {
            ReferenceCountUtil.release(waiting.poll());
        }
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(ctx);
    }

    /**
     * The raw path of a request target in any of its forms (RFC 9112, 3.2); empty when it has none in front of its
     * query.
     */
    public static String pathOf(String target) {
        int query = target.indexOf('?');
        String front = query < 0 ? target : target.substring(0, query);
        if (front.startsWith("/")) {
            return front;
        }
        int scheme = front.indexOf("://");
        int path = scheme < 0 ? -1 : front.indexOf('/', scheme + 3);
        return path < 0 ? "" : front.substring(path);
    }
}
