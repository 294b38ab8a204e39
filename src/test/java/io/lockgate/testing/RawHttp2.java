package io.lockgate.testing;

import static io.netty.handler.codec.http2.Http2Flags.ACK;
import static io.netty.handler.codec.http2.Http2Flags.END_HEADERS;
import static io.netty.handler.codec.http2.Http2Flags.END_STREAM;
import static io.netty.handler.codec.http2.Http2Flags.PADDED;
import static io.netty.handler.codec.http2.Http2Flags.PRIORITY;
import static io.netty.handler.codec.http2.Http2FrameTypes.CONTINUATION;
import static io.netty.handler.codec.http2.Http2FrameTypes.DATA;
import static io.netty.handler.codec.http2.Http2FrameTypes.GO_AWAY;
import static io.netty.handler.codec.http2.Http2FrameTypes.HEADERS;
import static io.netty.handler.codec.http2.Http2FrameTypes.PING;
import static io.netty.handler.codec.http2.Http2FrameTypes.RST_STREAM;
import static io.netty.handler.codec.http2.Http2FrameTypes.SETTINGS;
import static io.netty.handler.codec.http2.Http2FrameTypes.WINDOW_UPDATE;

import io.lockgate.testing.RawHttp.Answer;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 by hand, with prior knowledge and without TLS: sends header fields exactly as given, also those that no
 * library would.
 */
public final class RawHttp2 implements AutoCloseable {
    private static final int MAX_FRAME = 16_384;

    private final Socket socket;
    private final DataInputStream in;
    private final String authority;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
    private final Map<Integer, Partial> answers = new HashMap<>();
    private final Set<Integer> ended = new HashSet<>();
    private int next = 1;
    private @Nullable ByteArrayOutputStream held;

    private static final class Partial {
        @Nullable Http2Headers headers;

        final ByteArrayOutputStream body = new ByteArrayOutputStream();
    }

    public RawHttp2(URI base) throws IOException {
        this.authority = base.getHost() + ":" + base.getPort();
        this.socket = new Socket(base.getHost(), base.getPort());
        socket.setSoTimeout(5_000);
        socket.setTcpNoDelay(true);
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        // SETTINGS_INITIAL_WINDOW_SIZE, and the connection's own window.
        frame(
                SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6).putShort((short) 4).putInt(1 << 30).array());
        frame(WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(1 << 30).array());
    }

    /** One request and its answer; status 0 when the stream was reset. */
    public Answer send(String method, String path, byte @Nullable [] body, String... headers) throws IOException {
        Answer answer = read(begin(method, path, body, headers));
        Contract.get().check(method, path, answer);
        return answer;
    }

    /** Sends a request; answers its stream. Headers are {@code name: value}, names as given. */
    public int begin(String method, String path, byte @Nullable [] body, String... headers) throws IOException {
        List<String> all = new ArrayList<>(
                List.of(":method: " + method, ":scheme: http", ":authority: " + authority, ":path: " + path));
        all.addAll(List.of(headers));
        return begin(all, body);
    }

    /** The same with exactly these header fields. */
    public int begin(List<String> headers, byte @Nullable [] body) throws IOException {
        int stream = next;
        next += 2;
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (String header : headers) {
            int colon = header.indexOf(':', 1);
            // Literal without indexing, new name (RFC 7541 6.2.2), no Huffman.
            block.write(0);
            string(block, header.substring(0, colon));
            string(block, header.substring(colon + 1).stripLeading());
        }
        byte[] bytes = block.toByteArray();
        int from = 0;
        do {
            int length = Math.min(MAX_FRAME, bytes.length - from);
            boolean last = from + length == bytes.length;
            byte[] part = new byte[length];
            System.arraycopy(bytes, from, part, 0, length);
            frame(
                    from == 0 ? HEADERS : CONTINUATION,
                    (last ? END_HEADERS : 0) | (from == 0 && body == null ? END_STREAM : 0),
                    stream,
                    part);
            from += length;
        } while (from < bytes.length);
        if (body != null) {
            data(stream, body);
        }
        return stream;
    }

    /** In frames no longer than a server takes that has not said otherwise (RFC 9113 4.2); one that is empty for no body. */
    private void data(int stream, byte[] body) throws IOException {
        int from = 0;
        do {
            int to = Math.min(from + MAX_FRAME, body.length);
            frame(DATA, to == body.length ? END_STREAM : 0, stream, Arrays.copyOfRange(body, from, to));
            from = to;
        } while (from < body.length);
    }

    /** From now on nothing goes out until {@link #flush}, and then in one piece. */
    public void hold() {
        held = new ByteArrayOutputStream();
    }

    public void flush() throws IOException {
        ByteArrayOutputStream before = Objects.requireNonNull(held);
        held = null;
        write(before.toByteArray());
    }

    /** How many answers have come that nobody has read. */
    public int unread() {
        return ended.size();
    }

    /** Takes a request back. */
    public void reset(int stream) throws IOException {
        frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(8).array());
    }

    /** Any frame at all. */
    public void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
        frame.putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload);
        write(frame.array());
    }

    /** Waits for the answer on {@code stream}; other streams' are kept. */
    public Answer read(int stream) throws IOException {
        while (!ended.remove(stream)) {
            int lengthAndType = in.readInt();
            int flags = in.readUnsignedByte();
            int of = in.readInt() & Integer.MAX_VALUE;
            byte[] payload = in.readNBytes(lengthAndType >>> 8);
            switch (lengthAndType & 0xFF) {
                case HEADERS -> {
                    headers(of, block(flags, payload));
                    if ((flags & END_STREAM) != 0) {
                        ended.add(of);
                    }
                }
                case DATA -> {
                    answers.computeIfAbsent(of, none -> new Partial()).body.write(payload);
                    if ((flags & END_STREAM) != 0) {
                        ended.add(of);
                    }
                }
                case RST_STREAM -> {
                    if (of == stream) {
                        return new Answer(0, List.of(), new byte[0]);
                    }
                }
                case SETTINGS -> {
                    if ((flags & ACK) == 0) {
                        frame(SETTINGS, ACK, 0, new byte[0]);
                    }
                }
                case PING -> frame(PING, ACK, 0, payload);
                case GO_AWAY -> throw new EOFException("GO_AWAY");
                default -> {}
            }
        }
        return answer(stream);
    }

    /** Without padding and priority (RFC 9113 6.2). */
    private static byte[] block(int flags, byte[] payload) {
        int from = 0;
        int to = payload.length;
        if ((flags & PADDED) != 0) {
            to -= payload[0] & 0xFF;
            from++;
        }
        if ((flags & PRIORITY) != 0) {
            from += 5;
        }
        return Arrays.copyOfRange(payload, from, to);
    }

    private void headers(int stream, byte[] block) throws IOException {
        Partial partial = answers.computeIfAbsent(stream, none -> new Partial());
        try {
            Http2Headers headers = decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(block));
            if (partial.headers == null) {
                partial.headers = headers;
            }
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
    }

    private Answer answer(int stream) throws IOException {
        Partial partial = answers.remove(stream);
        if (partial == null || partial.headers == null) {
            throw new IOException("no headers on stream " + stream);
        }
        List<String[]> headers = new ArrayList<>();
        partial.headers.forEach(field -> headers.add(
                new String[] {field.getKey().toString(), field.getValue().toString()}));
        return new Answer(Integer.parseInt(partial.headers.status().toString()), headers, partial.body.toByteArray());
    }

    private static void string(ByteArrayOutputStream to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int rest = bytes.length;
        if (rest < 127) {
            to.write(rest);
        } else {
            to.write(127);
            rest -= 127;
            while (rest >= 128) {
                to.write(rest % 128 + 128);
                rest /= 128;
            }
            to.write(rest);
        }
        to.writeBytes(bytes);
    }

    private void write(byte[] bytes) throws IOException {
        ByteArrayOutputStream later = held;
        if (later != null) {
            later.writeBytes(bytes);
            return;
        }
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
