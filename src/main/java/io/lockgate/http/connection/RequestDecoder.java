package io.lockgate.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Vert.x' decoder of HTTP/1.1, which also tells what Netty keeps to itself. */
final class RequestDecoder extends VertxHttpRequestDecoder {
    private static final int LONGEST_NAME = 64;

    private boolean lengthBesideEncoding;
    private boolean withinHeader;
    private String lastLine = "";

    RequestDecoder(HttpServerOptions options) {
        super(options);
    }

    /** Whether bytes of a header have come that is not complete; in the middle of a body it means nothing. */
    boolean holdsPart() {
        return withinHeader || actualReadableBytes() > 0;
    }

    /** Takes what has come and was not decoded. */
    void follow(Http2Frames frames) {
        if (actualReadableBytes() > 0) {
            frames.follow(internalBuffer());
        }
    }

    /** The name of the header field that was too long, when the last failure was one; else empty. */
    String lastHeaderName() {
        int colon = lastLine.indexOf(':');
        return colon < 0 ? "" : lastLine.substring(0, colon);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
        int start = buffer.readerIndex();
        int before = buffer.readableBytes();
        int decoded = out.size();
        if (before > ReadThrottle.SLICE) {
            // Lines are taken one by one, so a buffer longer than what was added to it begins within a long one.
            lastLine = buffer.toString(buffer.readerIndex(), LONGEST_NAME, StandardCharsets.ISO_8859_1);
        }
        super.decode(ctx, buffer, out);
        if (out.size() > decoded) {
            withinHeader = false;
            if (lengthBesideEncoding && out.getLast() instanceof HttpObject message) {
                lengthBesideEncoding = false;
                message.setDecoderResult(DecoderResult.failure(
                        new FramingException(400, "the header holds both Transfer-Encoding and Content-Length")));
            }
        } else if (buffer.readableBytes() < before) {
            // Empty lines in front of a request are no part of it (RFC 9112, 2.2).
            int taken = before - buffer.readableBytes();
            withinHeader |= buffer.forEachByte(start, taken, b -> b <= ' ') >= 0;
        }
    }

    /** RFC 9112, 6.1: who sends both may want to have one part of the body taken for another request. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        lengthBesideEncoding = true;
        super.handleTransferEncodingChunkedWithContentLength(message);
    }
}
