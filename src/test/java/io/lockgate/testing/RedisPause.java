package io.lockgate.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;

/** Makes a Redis keep all its clients waiting, as a fork or a slow disk does. */
public final class RedisPause {
    private RedisPause() {}

    /** From now on for {@code length}; commands that arrive meanwhile are done afterwards. */
    public static void begin(URI redis, Duration length) {
        try (Socket socket = new Socket(redis.getHost(), redis.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(("CLIENT PAUSE " + length.toMillis() + "\r\n").getBytes(US_ASCII));
            String answer = new String(socket.getInputStream().readNBytes(5), US_ASCII);
            if (!answer.equals("+OK\r\n")) {
                throw new IllegalStateException(answer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
