package io.lockgate.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Thousands of connections on one thread, which waits for none of them: as many threads, or as many blocking
 * clients, would measure themselves. They speak HTTP/1.1; over HTTP/2 some lines share a connection, each with one
 * stream at a time. Everything here is called by the thread that runs it.
 */
final class Swarm implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LOOK_MILLIS = 50;

    /** Ports that others on this machine may use. */
    private static final int SPARE_PORTS = 2_000;

    /** Lines of one HTTP/2 connection: as many streams as a gateway lets a client have that it does not know yet. */
    private static final int LINES_OF_CONNECTION = 16;

    private final boolean http2;
    private final Map<URI, Http2Lines> lastConnections = new HashMap<>();
    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocate(1 << 16);
    private final PriorityQueue<Alarm> alarms =
            new PriorityQueue<>(Comparator.comparingLong(Alarm::due).thenComparingLong(Alarm::number));
    private final int portsOfSource = portsOfSource();
    private int opened;
    private long numbers;

    Swarm() {
        this(false);
    }

    Swarm(boolean http2) {
        this.http2 = http2;
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A way to a gateway for one request at a time. */
    interface Line {
        boolean isOpen();

        /** Whether a request has no answer yet. */
        boolean isOwed();

        /** Sends what {@link Swarm#request} has made. */
        void send(byte[] request);

        /** Ends the connection; its clients hear no more of it, unless they send again. */
        void close();
    }

    /** What has a channel of its own. */
    interface Served {
        void serve();

        void close();
    }

    /** What the client at the other end of a line does. */
    interface Client {
        void answered(Line line, Answer answer);

        /** The gateway has ended the connection, and not because an answer said so. */
        void gone(Line line, String why);
    }

    /**
     * An answer.
     *
     * @param retryAfter what stands in Retry-After, in seconds; -1 without
     */
    record Answer(int status, int retryAfter, byte[] body) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException("not JSON: " + this, e);
            }
        }

        @Override
        public String toString() {
            return status + " " + new String(body, StandardCharsets.UTF_8);
        }
    }

    private record Alarm(long due, long number, Runnable action) {}

    /** Another line; its connection is opened by the first request. */
    Line line(URI gateway, Client client) {
        if (!http2) {
            return new OwnConnection(gateway, client);
        }
        Http2Lines connection = lastConnections.get(gateway);
        if (connection == null || connection.size() == LINES_OF_CONNECTION) {
            connection = new Http2Lines(this, gateway);
            lastConnections.put(gateway, connection);
        }
        return connection.line(client);
    }

    /** Does something at that {@link System#nanoTime}. */
    void at(long nanos, Runnable action) {
        alarms.add(new Alarm(nanos, numbers++, action));
    }

    void after(Duration time, Runnable action) {
        at(System.nanoTime() + time.toNanos(), action);
    }

    /** Serves all lines until {@code over}, and says whether that came in time. */
    boolean run(Duration patience, BooleanSupplier over) {
        long end = System.nanoTime() + patience.toNanos();
        while (!over.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            Alarm next = alarms.peek();
            long millis = next == null ? LOOK_MILLIS : TimeUnit.NANOSECONDS.toMillis(next.due - System.nanoTime());
            try {
                if (millis <= 0) {
                    selector.selectNow(Swarm::serve);
                } else {
                    selector.select(Swarm::serve, Math.min(millis, LOOK_MILLIS));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            long now = System.nanoTime();
            for (Alarm due = alarms.peek(); due != null && due.due - now <= 0; due = alarms.peek()) {
                alarms.remove();
                due.action.run();
            }
        }
        return true;
    }

    void run(Duration time) {
        run(time, () -> false);
    }

    private static void serve(SelectionKey key) {
        ((Served) key.attachment()).serve();
    }

    /** How many connections one source address can have to one port. */
    private static int portsOfSource() {
        try {
            String[] range = Files.readAllLines(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))
                    .getFirst()
                    .strip()
                    .split("\\s+", -1);
            return Math.max(1, Integer.parseInt(range[1]) - Integer.parseInt(range[0]) - SPARE_PORTS);
        } catch (IOException notLinux) {
            return 1 << 14;
        }
    }

    /** Ends all lines. */
    @Override
    public void close() {
        try {
            for (SelectionKey key : List.copyOf(selector.keys())) {
                ((Served) key.attachment()).close();
            }
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A channel that is being connected; {@code served} is told when it can go on. */
    SelectionKey open(URI gateway, Served served) throws IOException {
        SocketChannel made = SocketChannel.open();
        made.configureBlocking(false);
        made.setOption(StandardSocketOptions.TCP_NODELAY, true);
        int source = opened++ / portsOfSource;
        if (source > 0) {
            // All of 127.0.0.0/8 is this machine.
            made.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0." + (1 + source % 200)), 0));
        }
        SelectionKey key = made.register(selector, SelectionKey.OP_CONNECT, served);
        made.connect(new InetSocketAddress(InetAddress.ofLiteral(gateway.getHost()), gateway.getPort()));
        return key;
    }

    /** One request in the form of HTTP/1.1; a body is JSON. */
    static byte[] request(String method, String target, URI gateway, List<String> headers, @Nullable String json) {
        StringBuilder text = new StringBuilder(256);
        text.append(method)
                .append(' ')
                .append(target)
                .append(" HTTP/1.1\r\nHost: ")
                .append(gateway.getAuthority());
        headers.forEach(header -> text.append("\r\n").append(header));
        if (json != null) {
            text.append("\r\nContent-Type: application/json\r\nContent-Length: ")
                    .append(json.length());
        }
        return text.append("\r\n\r\n")
                .append(json == null ? "" : json)
                .toString()
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * A connection that is kept alive, with one request at a time. It is opened again only after an answer that said
     * {@code Connection: close}, or when its client sends again after it has gone.
     */
    private final class OwnConnection implements Line, Served {
        private static final byte[] NOTHING = {};

        private final URI gateway;
        private final Client client;
        private @Nullable SocketChannel channel;
        private @Nullable SelectionKey key;
        private @Nullable ByteBuffer out;
        private byte[] part = NOTHING;
        private boolean owed;

        OwnConnection(URI gateway, Client client) {
            this.gateway = gateway;
            this.client = client;
        }

        @Override
        public boolean isOpen() {
            return channel != null;
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
            out = ByteBuffer.wrap(request);
            try {
                SocketChannel open = channel;
                if (open == null) {
                    open();
                } else if (open.isConnected()) {
                    flush(open);
                }
            } catch (IOException e) {
                lose("cannot send: " + e.getMessage());
            }
        }

        private void open() throws IOException {
            SelectionKey registered = Swarm.this.open(gateway, this);
            key = registered;
            channel = (SocketChannel) registered.channel();
        }

        private void flush(SocketChannel open) throws IOException {
            ByteBuffer rest = out;
            if (rest != null) {
                open.write(rest);
                if (!rest.hasRemaining()) {
                    out = null;
                }
            }
            SelectionKey registered = key;
            int interest = out == null ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
            if (registered != null && registered.interestOps() != interest) {
                registered.interestOps(interest);
            }
        }

        @Override
        public void serve() {
            SocketChannel open = channel;
            SelectionKey ready = key;
            if (open == null || ready == null || !ready.isValid()) {
                return;
            }
            try {
                if (ready.isConnectable()) {
                    open.finishConnect();
                    flush(open);
                } else {
                    if (ready.isWritable()) {
                        flush(open);
                    }
                    if (ready.isReadable()) {
                        read(open);
                    }
                }
            } catch (IOException e) {
                lose(String.valueOf(e.getMessage()));
            }
        }

        private void read(SocketChannel open) throws IOException {
            in.clear();
            int length = open.read(in);
            if (length < 0) {
                lose("closed by the gateway");
                return;
            }
            int before = part.length;
            byte[] all = Arrays.copyOf(part, before + length);
            System.arraycopy(in.array(), 0, all, before, length);
            part = all;
            int end = endOfHeader(all);
            if (end < 0) {
                return;
            }
            String[] fields = new String(all, 0, end, StandardCharsets.ISO_8859_1).split("\r\n", -1);
            int body = 0;
            int retryAfter = -1;
            boolean closing = false;
            for (String field : fields) {
                String lower = field.toLowerCase(Locale.ROOT);
                if (lower.startsWith("content-length:")) {
                    body = numberIn(lower);
                } else if (lower.startsWith("retry-after:")) {
                    retryAfter = numberIn(lower);
                } else if (lower.startsWith("connection:")) {
                    closing = lower.endsWith("close");
                } else if (lower.startsWith("transfer-encoding:")) {
                    throw new IOException("an answer in chunks");
                }
            }
            int from = end + 4;
            if (all.length < from + body) {
                return;
            }
            if (all.length > from + body || !owed) {
                throw new IOException("more than was asked for");
            }
            part = NOTHING;
            owed = false;
            Answer answer = new Answer(
                    Integer.parseInt(fields[0].split(" ", 3)[1]),
                    retryAfter,
                    Arrays.copyOfRange(all, from, from + body));
            if (closing) {
                close();
            }
            client.answered(this, answer);
        }

        private static int numberIn(String field) {
            return Integer.parseInt(field.substring(field.indexOf(':') + 1).strip());
        }

        private static int endOfHeader(byte[] bytes) {
            for (int i = 3; i < bytes.length; i++) {
                if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n' && bytes[i - 3] == '\r') {
                    return i - 3;
                }
            }
            return -1;
        }

        private void lose(String why) {
            close();
            client.gone(this, why);
        }

        @Override
        public void close() {
            SocketChannel open = channel;
            channel = null;
            key = null;
            out = null;
            part = NOTHING;
            owed = false;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
