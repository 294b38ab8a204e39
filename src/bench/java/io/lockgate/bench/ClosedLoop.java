package io.lockgate.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * A fixed number of connections, each of which acquires its record, waits for the answer, releases it, waits, and so
 * on. One thread serves all of them, so that the tool takes little of the machine that it measures, and the same code
 * talks to every competitor, Redis itself included. (wrk does neither: its scripts are not told which connection a
 * request or an answer belongs to, so they cannot release what was acquired, and it speaks nothing but HTTP.)
 *
 * <p>Every answer is checked. A response time ends when the answer has been read whole, so it includes what the answer
 * waits for the tool's only thread.
 */
final class ClosedLoop {
    /** Until all connections have their last answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long LOOK_MILLIS = 20;
    /** Longer than any answer is. */
    private static final int ANSWER_BYTES = 1 << 14;

    private static final int SHOWN_OF_FAILURE = 600;

    private final Plan plan;
    private final Latencies latencies = new Latencies();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(ANSWER_BYTES);
    private Phase phase = Phase.BEFORE;
    private int open;
    private long failures;
    private String firstFailure = "";

    private ClosedLoop(Plan plan) {
        this.plan = plan;
    }

    /** What one connection says in turns. */
    record Client(Request acquire, Request release) {}

    /**
     * @param before of the load that is not counted: all connections are open, and the processor's clock is read while
     *     they are at work
     * @param watched the processes whose processor time the report tells
     */
    record Plan(
            InetSocketAddress server,
            Framing framing,
            List<Client> clients,
            Duration before,
            Duration length,
            List<ProcessHandle> watched) {}

    /**
     * @param firstFailure an answer that is not what it should be, or how a connection ended; empty when there is none
     * @param used of the processor, by those watched, while answers were counted
     */
    record Report(double seconds, Latencies latencies, ProcessorUse used, long failures, String firstFailure) {
        double perSecond() {
            return latencies.size() / seconds;
        }
    }

    private enum Phase {
        BEFORE,
        COUNTED,
        ENDING
    }

    static Report run(Plan plan) throws IOException {
        return new ClosedLoop(plan).run();
    }

    private Report run() throws IOException {
        try (Selector selector = Selector.open()) {
            for (Client client : plan.clients()) {
                new Line(selector, client);
                open++;
            }
            serve(selector, plan.before());
            ProcessorUse atFirst = ProcessorUse.of(plan.watched());
            long began = System.nanoTime();
            phase = Phase.COUNTED;
            serve(selector, plan.length());
            phase = Phase.ENDING;
            double seconds = (System.nanoTime() - began) / 1e9;
            ProcessorUse used = ProcessorUse.of(plan.watched()).since(atFirst);
            serve(selector, PATIENCE);
            if (open > 0) {
                fail(open + " connections without an answer after " + PATIENCE.toSeconds() + " s");
                for (SelectionKey key : selector.keys()) {
                    key.channel().close();
                }
            }
            return new Report(seconds, latencies, used, failures, firstFailure);
        }
    }

    /** For that long, or until no connection is left. */
    private void serve(Selector selector, Duration time) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        while (open > 0 && System.nanoTime() < end) {
            selector.select(key -> ((Line) key.attachment()).readable(), LOOK_MILLIS);
        }
    }

    private void fail(String what) {
        failures++;
        if (firstFailure.isEmpty()) {
            firstFailure = what;
        }
    }

    /** One connection. */
    private final class Line {
        private final SocketChannel channel;
        private final Client client;
        private byte[] answer = new byte[1_024];
        private int length;
        private boolean acquiring;
        private long sentAt;

        Line(Selector selector, Client client) throws IOException {
            this.client = client;
            channel = SocketChannel.open(plan.server());
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, this);
            acquiring = false;
            proceed();
        }

        private Request asked() {
            return acquiring ? client.acquire() : client.release();
        }

        /** Sends the next request, or closes the connection when there shall be none. */
        private void proceed() throws IOException {
            if (phase == Phase.ENDING && !acquiring) {
                close();
                return;
            }
            acquiring = !acquiring;
            ByteBuffer request = ByteBuffer.wrap(asked().next());
            sentAt = System.nanoTime();
            // With one request under way at a time the socket always has room for it.
            channel.write(request);
            if (request.hasRemaining()) {
                throw new IOException("the socket did not take a request of " + request.limit() + " bytes");
            }
        }

        void readable() {
            try {
                read();
            } catch (IOException e) {
                fail(e.toString());
                close();
            }
        }

        private void read() throws IOException {
            buffer.clear();
            int count = channel.read(buffer);
            if (count < 0) {
                throw new IOException("the server closed the connection");
            }
            if (length + count > answer.length) {
                answer = Arrays.copyOf(answer, 2 * (length + count));
            }
            buffer.flip().get(answer, length, count);
            length += count;
            int end = plan.framing().end(answer, length);
            if (end < 0) {
                return;
            }
            long took = System.nanoTime() - sentAt;
            boolean good = end == length && asked().answeredBy(plan.framing(), answer, end);
            if (!good) {
                fail((acquiring ? "acquire: " : "release: ")
                        + new String(answer, 0, Math.min(length, SHOWN_OF_FAILURE), StandardCharsets.UTF_8));
            } else if (phase == Phase.COUNTED) {
                latencies.add(took);
            }
            length = 0;
            proceed();
        }

        private void close() {
            open--;
            try {
                channel.close();
            } catch (IOException e) {
                fail(e.toString());
            }
        }
    }
}
