package io.lockgate.testing.redis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Speaks just enough Redis to shake hands, and answers every script with the same line: for errors that a real one is
 * hard to bring to.
 */
public final class FakeRedis implements AutoCloseable {
    private final ServerSocket listening;
    private final AtomicInteger scripts = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile String answer;
    private final List<Runnable> held = new ArrayList<>();
    private boolean holding;
    private volatile String info = "$11\r\nrole:master";

    /**
     * Answers every call so: in RESP without the line end at its end: {@code -LOADING …}, {@code
     * *2\r\n$2\r\nok\r\n$1\r\n1}
     */
    public FakeRedis(String answer) {
        this.answer = answer;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public URI uri() {
        return URI.create("redis://127.0.0.1:" + listening.getLocalPort());
    }

    public void answers(String changed) {
        answer = changed;
    }

    /** Reads on, but answers no script from now on. */
    public void hold() {
        synchronized (held) {
            holding = true;
        }
    }

    /** Sends the answer that is owed longest. */
    public void releaseOne() {
        synchronized (held) {
            held.removeFirst().run();
        }
    }

    /** Sends the answers that are owed, and goes on. */
    public void release() {
        synchronized (held) {
            holding = false;
            held.forEach(Runnable::run);
            held.clear();
        }
    }

    /** What it answers to INFO, in RESP without the line end at its end */
    public void tells(String reply) {
        info = reply;
    }

    /** How many connections were made to it. */
    public int connections() {
        return connections.get();
    }

    /** How many scripts it was asked for. */
    public int scripts() {
        return scripts.get();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = listening.accept();
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                BufferedReader in =
                        // A character for each byte: words are told by their length in bytes.
                        new BufferedReader(
                                new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))) {
            OutputStream out = socket.getOutputStream();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                int words = Integer.parseInt(line.substring(1));
                String command = "";
                for (int i = 0; i < words; i++) {
                    String word = word(in, Integer.parseInt(in.readLine().substring(1)));
                    command = i == 0 ? word.toUpperCase(Locale.ROOT) : command;
                }
                String reply =
                        switch (command) {
                            case "EVAL", "EVALSHA" -> answer;
                            case "HELLO", "FUNCTION" -> "-ERR unknown command '" + command + "'";
                            case "INFO" -> info;
                            case "TIME" -> "*2\r\n$10\r\n1700000000\r\n$1\r\n0";
                            default -> "+PONG";
                        };
                if (command.startsWith("EVAL")) {
                    synchronized (held) {
                        if (holding) {
                            held.add(() -> send(out, reply));
                        } else {
                            send(out, reply);
                        }
                    }
                    scripts.incrementAndGet();
                } else {
                    send(out, reply);
                }
            }
        } catch (IOException gone) {
            // The client closed its side.
        }
    }

    private static String word(BufferedReader in, int length) throws IOException {
        StringBuilder word = new StringBuilder();
        while (word.length() < length) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("ends within a word");
            }
            word.append((char) next);
        }
        in.readLine();
        return word.toString();
    }

    private static void send(OutputStream out, String reply) {
        try {
            out.write((reply + "\r\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException gone) {
            // The client closed its side.
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
