package io.lockgate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A client over HTTP/1.1 that sends what it wants and leaves before the answer. */
public final class Leaver implements AutoCloseable {
    private final Socket socket;
    private final String host;

    public Leaver(URI base) {
        try {
            socket = new Socket(base.getHost(), base.getPort());
            host = base.getHost() + ":" + base.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request; several are pipelined. */
    public Leaver asks(String method, String target, String body, String credential) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head = method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + credential
                + "\r\nContent-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n\r\n";
        try {
            socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Closes as a process does that ends. */
    public void leaves() {
        close();
    }

    /** Closes as a machine does that has forgotten the connection. */
    public void breaksOff() {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        close();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
