package io.lockgate.bench;

import static io.netty.handler.codec.http2.Http2Flags.ACK;
import static io.netty.handler.codec.http2.Http2Flags.END_HEADERS;
import static io.netty.handler.codec.http2.Http2Flags.END_STREAM;
import static io.netty.handler.codec.http2.Http2Flags.PADDED;
import static io.netty.handler.codec.http2.Http2Flags.PRIORITY;
import static io.netty.handler.codec.http2.Http2FrameTypes.DATA;
import static io.netty.handler.codec.http2.Http2FrameTypes.GO_AWAY;
import static io.netty.handler.codec.http2.Http2FrameTypes.HEADERS;
import static io.netty.handler.codec.http2.Http2FrameTypes.PING;
import static io.netty.handler.codec.http2.Http2FrameTypes.RST_STREAM;
import static io.netty.handler.codec.http2.Http2FrameTypes.SETTINGS;
import static io.netty.handler.codec.http2.Http2FrameTypes.WINDOW_UPDATE;

import io.lockgate.bench.Swarm.Answer;
import io.lockgate.bench.Swarm.Client;
import io.lockgate.bench.Swarm.Line;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection (RFC 9113), with prior knowledge, and the lines that share it. What they send is small, so no
 * window is counted.
 */
final class Http2Lines implements Swarm.Served {
    private static final int HEAD = 9;
    private static final int PRIORITY_BYTES = 5;
    private static final int LARGE_WINDOW = 1 << 30;

    private final Swarm swarm;
    private final URI gateway;
    private final List<Stream> lines = new ArrayList<>();
    private final Map<Integer, Stream> streams = new HashMap<>();
    private final ByteBuffer in = ByteBuffer.allocate(1 << 16);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
    private byte[] part = {};
    private int nextStream = 1;
    private @Nullable SelectionKey key;

    Http2Lines(Swarm swarm, URI gateway) {
        this.swarm = swarm;
        this.gateway = gateway;
    }

    /** How many lines share it. */
    int size() {
        return lines.size();
    }

    Line line(Client client) {
        Stream line = new Stream(client);
        lines.add(line);
        return line;
    }

    /** A line; each of its requests is a stream. */
    private final class Stream implements Line {
        private final Client client;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private boolean owed;
        private int status;
        private int retryAfter;

        Stream(Client client) {
            this.client = client;
        }

        @Override
        public boolean isOpen() {
            return key != null;
        }

        @Override
        public boolean isOwed() {
            return owed;
        }

        @Override
        public void send(byte[] request) {
            if (owed) {
                throw new IllegalStateException("the last request has no answer");
            }
            owed = true;
            status = 0;
            retryAfter = -1;
            body.reset();
            try {
                SelectionKey open = key == null ? open() : key;
                int number = nextStream;
                nextStream += 2;
                streams.put(number, this);
                write(number, request);
                flush(open);
            } catch (IOException e) {
                lose("cannot send: " + e.getMessage());
            }
        }

        @Override
        public void close() {
            Http2Lines.this.close();
        }

        private void ended() {
            owed = false;
            client.answered(this, new Answer(status, retryAfter, body.toByteArray()));
        }
    }

    private SelectionKey open() throws IOException {
        decoder = new DefaultHttp2HeadersDecoder();
        part = new byte[0];
        nextStream = 1;
        out.reset();
        out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        // SETTINGS_INITIAL_WINDOW_SIZE, and the window of the connection.
        frame(
                SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6).putShort((short) 4).putInt(LARGE_WINDOW).array());
        frame(WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(LARGE_WINDOW).array());
        SelectionKey open = swarm.open(gateway, this);
        key = open;
        return open;
    }

    /** A request in the form of HTTP/1.1 as frames. */
    private void write(int stream, byte[] request) {
        String text = new String(request, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        String[] fields = text.substring(0, end).split("\r\n", -1);
        String[] first = fields[0].split(" ", -1);
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        field(block, ":method", first[0]);
        field(block, ":scheme", "http");
        field(block, ":authority", gateway.getAuthority());
        field(block, ":path", first[1]);
        for (int i = 1; i < fields.length; i++) {
            int colon = fields[i].indexOf(':');
            String name = fields[i].substring(0, colon).toLowerCase(Locale.ROOT);
            if (!name.equals("host")) {
                field(block, name, fields[i].substring(colon + 1).strip());
            }
        }
        byte[] body = Arrays.copyOfRange(request, end + 4, request.length);
        frame(HEADERS, END_HEADERS | (body.length == 0 ? END_STREAM : 0), stream, block.toByteArray());
        if (body.length > 0) {
            frame(DATA, END_STREAM, stream, body);
        }
    }

    /** A literal without indexing and without Huffman (RFC 7541, 6.2.2). */
    private static void field(ByteArrayOutputStream to, String name, String value) {
        to.write(0);
        string(to, name);
        string(to, value);
    }

    private static void string(ByteArrayOutputStream to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int rest = bytes.length;
        if (rest < 127) {
            to.write(rest);
        } else {
            to.write(127);
            for (rest -= 127; rest >= 128; rest /= 128) {
                to.write(rest % 128 + 128);
            }
            to.write(rest);
        }
        to.writeBytes(bytes);
    }

    private void frame(int type, int flags, int stream, byte[] payload) {
        out.writeBytes(ByteBuffer.allocate(HEAD)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .array());
        out.writeBytes(payload);
    }

    private void flush(SelectionKey open) throws IOException {
        SocketChannel channel = (SocketChannel) open.channel();
        if (!channel.isConnected()) {
            return;
        }
        if (out.size() > 0) {
            ByteBuffer rest = ByteBuffer.wrap(out.toByteArray());
            channel.write(rest);
            out.reset();
            out.write(rest.array(), rest.position(), rest.remaining());
        }
        int interest = out.size() == 0 ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
        if (open.interestOps() != interest) {
            open.interestOps(interest);
        }
    }

    @Override
    public void serve() {
        SelectionKey ready = key;
        if (ready == null || !ready.isValid()) {
            return;
        }
        SocketChannel channel = (SocketChannel) ready.channel();
        try {
            if (ready.isConnectable()) {
                channel.finishConnect();
            } else if (ready.isReadable()) {
                read(channel);
            }
            if (ready.isValid()) {
                flush(ready);
            }
        } catch (IOException | Http2Exception e) {
            lose(String.valueOf(e.getMessage()));
        }
    }

    private void read(SocketChannel channel) throws IOException, Http2Exception {
        in.clear();
        int length = channel.read(in);
        if (length < 0) {
            throw new IOException("closed by the gateway");
        }
        byte[] all = Arrays.copyOf(part, part.length + length);
        System.arraycopy(in.array(), 0, all, part.length, length);
        List<Stream> ended = new ArrayList<>();
        int at = 0;
        while (all.length - at >= HEAD) {
            ByteBuffer head = ByteBuffer.wrap(all, at, HEAD);
            int lengthAndType = head.getInt();
            int flags = head.get();
            int stream = head.getInt() & Integer.MAX_VALUE;
            int size = lengthAndType >>> 8;
            if (all.length - at - HEAD < size) {
                break;
            }
            at += HEAD + size;
            Stream done = take(lengthAndType & 0xFF, flags, stream, Arrays.copyOfRange(all, at - size, at));
            if (done != null) {
                ended.add(done);
            }
        }
        part = Arrays.copyOfRange(all, at, all.length);
        ended.forEach(Stream::ended);
    }

    /** Answers the line whose answer is complete now. */
    private @Nullable Stream take(int type, int flags, int stream, byte[] payload) throws IOException, Http2Exception {
        Stream line = streams.get(stream);
        switch (type) {
            case HEADERS -> {
                if ((flags & END_HEADERS) == 0 || (flags & PADDED) != 0) {
                    throw new IOException("a header block in pieces or padded");
                }
                int from = (flags & PRIORITY) == 0 ? 0 : PRIORITY_BYTES;
                Http2Headers headers =
                        decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(payload, from, payload.length - from));
                if (line != null) {
                    line.status = Integer.parseInt(headers.status().toString());
                    CharSequence retryAfter = headers.get("retry-after");
                    line.retryAfter = retryAfter == null ? -1 : Integer.parseInt(retryAfter.toString());
                }
            }
            case DATA -> {
                if (line != null) {
                    line.body.writeBytes(payload);
                }
            }
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    frame(SETTINGS, ACK, 0, new byte[0]);
                }
                return null;
            }
            case PING -> {
                if ((flags & ACK) == 0) {
                    frame(PING, ACK, 0, payload);
                }
                return null;
            }
            case RST_STREAM, GO_AWAY ->
                throw new IOException("the gateway has given up "
                        + (type == GO_AWAY ? "the connection" : "a stream") + ", code "
                        + ByteBuffer.wrap(payload).getInt(type == GO_AWAY ? 4 : 0));
            default -> {
                return null;
            }
        }
        if ((flags & END_STREAM) == 0) {
            return null;
        }
        return streams.remove(stream);
    }

    private void lose(String why) {
        List<Stream> owed = lines.stream().filter(Stream::isOwed).toList();
        close();
        owed.forEach(line -> line.client.gone(line, why));
    }

    @Override
    public void close() {
        SelectionKey open = key;
        key = null;
        streams.clear();
        lines.forEach(line -> line.owed = false);
        if (open != null) {
            try {
                open.channel().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
