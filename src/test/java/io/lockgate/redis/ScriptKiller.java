package io.lockgate.redis;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between a client and its Redis and lets scripts die behind a number of writes: it never finds a script by its sha, and puts a
 * few lines before the text of each, which count the writes and raise an error in place of the next.
 */
final class ScriptKiller implements AutoCloseable {
    private static final String COUNT = """
            local allowed, real = %d, redis
            local redis = { pcall = real.pcall, set_repl = real.set_repl, REPL_NONE = real.REPL_NONE, call = function(name, ...)
              if ({ HSET = 1, HDEL = 1, HINCRBY = 1, ZADD = 1, ZREM = 1, SET = 1 })[name] then
                if allowed == 0 then error('killed') end
                allowed = allowed - 1
              end
              return real.call(name, ...)
            end }
            """;

    private final ServerSocket listening;
    private final URI redis;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile int writes = -1;

    ScriptKiller(URI redis) {
        this.redis = redis;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    URI uri() {
        return URI.create("redis://127.0.0.1:" + listening.getLocalPort() + redis.getPath());
    }

    /** From now on each script dies in place of its write after so many. */
    void allow(int count) {
        writes = count;
    }

    void allowAll() {
        writes = -1;
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listening.accept();
                Socket server = new Socket(redis.getHost(), redis.getPort());
                sockets.add(client);
                sockets.add(server);
                Thread.ofVirtual().start(() -> commands(client, server));
                Thread.ofVirtual().start(() -> answers(server, client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void answers(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException gone) {
            // One side has closed; so do both.
        }
    }

    private void commands(Socket client, Socket server) {
        try (client;
                server) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = new BufferedOutputStream(server.getOutputStream());
            while (true) {
                byte[][] words = new byte[number(in)][];
                for (int i = 0; i < words.length; i++) {
                    words[i] = in.readNBytes(number(in));
                    in.skipNBytes(2);
                }
                String name = new String(words[0], StandardCharsets.UTF_8);
                if (name.equalsIgnoreCase("EVALSHA")) {
                    // No script has this one.
                    words[1] = "0".repeat(40).getBytes(StandardCharsets.UTF_8);
                } else if (name.equalsIgnoreCase("EVAL") && writes >= 0) {
                    String text = COUNT.formatted(writes) + new String(words[1], StandardCharsets.UTF_8);
                    words[1] = text.getBytes(StandardCharsets.UTF_8);
                }
                out.write(("*" + words.length + "\r\n").getBytes(StandardCharsets.UTF_8));
                for (byte[] word : words) {
                    out.write(("$" + word.length + "\r\n").getBytes(StandardCharsets.UTF_8));
                    out.write(word);
                    out.write('\r');
                    out.write('\n');
                }
                out.flush();
            }
        } catch (IOException gone) {
            // One side has closed; so do both.
        }
    }

    /** The number in a line such as {@code *3} or {@code $12}. */
    private static int number(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            line.append((char) c);
        }
        return Integer.parseInt(line.substring(1).strip());
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
