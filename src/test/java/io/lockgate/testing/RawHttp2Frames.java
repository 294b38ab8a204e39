package io.lockgate.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 by hand, frame by frame, with prior knowledge (RFC 9113, 3.3): for frames that {@link RawHttp2} would not
 * send. Headers are literals without an index (RFC 7541, 6.2.2).
 */
public final class RawHttp2Frames implements AutoCloseable {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;
    public static final int END_STREAM = 1;
    public static final int END_HEADERS = 4;
    private static final int ACK = 1;

    /** A frame as it came. */
    public record Frame(int type, int flags, int stream, byte[] payload) {
        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /**
         * The status of a header block that begins with it; 0 when it is not among those of the static table (RFC 7541,
         * A).
         */
        public int status() {
            // RFC 9113, 6.2: a priority may stand in front of the block.
            int at = (flags & 0x20) == 0 ? 0 : 5;
            while ((payload[at] & 0xE0) == 0x20) {
                // A change of the table's size; none here is longer than one byte and its continuation.
                at += (payload[at] & 0x1F) == 0x1F ? 3 : 1;
            }
            int index = payload[at] & 0x7F;
            int[] known = {200, 204, 206, 304, 400, 404, 500};
            if ((payload[at] & 0x80) != 0 && index >= 8 && index <= 14) {
                return known[index - 8];
            }
            // A literal with the indexed name :status (8), and three digits.
            if ((payload[at] & 0x0F) == 8 && payload[at + 1] == 3) {
                return Integer.parseInt(new String(payload, at + 2, 3, StandardCharsets.US_ASCII));
            }
            throw new IllegalStateException(
                    "no status in " + java.util.HexFormat.of().formatHex(payload));
        }
    }

    private static final int MAX_CONCURRENT_STREAMS = 3;

    private final Socket socket;
    private final DataInputStream in;
    private int maxStreams = -1;

    /** Connects, sends the preface and {@code settings} (identifier, value, …), and acknowledges the server's. */
    public RawHttp2Frames(URI base, int... settings) throws IOException {
        socket = new Socket(base.getHost(), base.getPort());
        socket.setSoTimeout(20_000);
        in = new DataInputStream(socket.getInputStream());
        ByteArrayOutputStream pairs = new ByteArrayOutputStream();
        for (int i = 0; i < settings.length; i += 2) {
            pairs.writeBytes(new byte[] {(byte) (settings[i] >> 8), (byte) settings[i]});
            pairs.writeBytes(number(settings[i + 1]));
        }
        write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        write(frame(SETTINGS, 0, 0, pairs.toByteArray()));
        write(frame(SETTINGS, ACK, 0, new byte[0]));
    }

    public void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    public static byte[] frame(int type, int flags, int stream, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(
                new byte[] {(byte) (payload.length >> 16), (byte) (payload.length >> 8), (byte) payload.length});
        frame.write(type);
        frame.write(flags);
        frame.writeBytes(number(stream));
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    /** A header block: names and values in turn. Neither may be longer than 126 bytes. */
    public static byte[] headers(String... pairs) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < pairs.length; i += 2) {
            block.write(0);
            for (String text : new String[] {pairs[i], pairs[i + 1]}) {
                byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
                block.write(bytes.length);
                block.writeBytes(bytes);
            }
        }
        return block.toByteArray();
    }

    /**
     * The header of a request in one frame.
     *
     * @param flags beside {@link #END_HEADERS}: {@link #END_STREAM} when it has no body
     * @param fields names and values in turn
     */
    public static byte[] request(int stream, int flags, String method, String path, String... fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(headers(":method", method, ":scheme", "http", ":authority", "a", ":path", path));
        block.writeBytes(headers(fields));
        return frame(HEADERS, END_HEADERS | flags, stream, block.toByteArray());
    }

    /** The next frame that is not about the connection itself; null at the end. */
    public @Nullable Frame read() throws IOException {
        while (true) {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            try {
                int length = first << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt() & 0x7FFF_FFFF;
                byte[] payload = new byte[length];
                in.readFully(payload);
                if (type == SETTINGS) {
                    readSettings(payload);
                }
                if (type != SETTINGS && type != WINDOW_UPDATE && type != 6) {
                    return new Frame(type, flags, stream, payload);
                }
            } catch (EOFException e) {
                return null;
            }
        }
    }

    /** The next frame of that type and stream; fails at the end of the connection. */
    public Frame read(int type, int stream) throws IOException {
        while (true) {
            Frame frame = read();
            if (frame == null) {
                throw new EOFException("no frame of type " + type + " for stream " + stream);
            }
            if (frame.type() == type && frame.stream() == stream) {
                return frame;
            }
        }
    }

    private void readSettings(byte[] payload) {
        ByteBuffer pairs = ByteBuffer.wrap(payload);
        while (pairs.remaining() >= 6) {
            int id = pairs.getShort();
            int value = pairs.getInt();
            maxStreams = id == MAX_CONCURRENT_STREAMS ? value : maxStreams;
        }
    }

    /**
     * How many streams at once the server has allowed last, among the frames that were read; -1 when it has not said
     * so.
     */
    public int maxStreams() {
        return maxStreams;
    }

    private static byte[] number(int value) {
        return new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
