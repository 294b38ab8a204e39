package io.lockgate.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection that is kept alive, for one client at a time. It costs little, and that every client holds
 * one connection is certain. It opens a new one only when the server said {@code Connection: close}; anything else that
 * ends the connection is an error, since a client would see it too.
 */
final class HttpLine implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TIMEOUT_MILLIS = 30_000;

    private final URI base;
    private final byte[] common;
    private @Nullable Socket socket;
    private InputStream in = InputStream.nullInputStream();
    private int opened;

    /** @param headers further headers of each request, as {@code Name: value} */
    HttpLine(URI base, List<String> headers) {
        this.base = base;
        StringBuilder text = new StringBuilder("Host: " + base.getAuthority() + "\r\n");
        headers.forEach(header -> text.append(header).append("\r\n"));
        this.common = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** An answer. */
    record Answer(int status, byte[] body) {
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

    Answer get(String target) throws IOException {
        return send("GET", target, null);
    }

    Answer delete(String target) throws IOException {
        return send("DELETE", target, null);
    }

    Answer post(String target, String json) throws IOException {
        return send("POST", target, json);
    }

    /** How many connections it took so far. */
    int opened() {
        return opened;
    }

    private Answer send(String method, String target, @Nullable String json) throws IOException {
        Socket open = socket;
        if (open == null) {
            open = new Socket(base.getHost(), base.getPort());
            open.setTcpNoDelay(true);
            open.setSoTimeout(TIMEOUT_MILLIS);
            in = new BufferedInputStream(open.getInputStream(), 1 << 14);
            socket = open;
            opened++;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        out.writeBytes((method + " " + target + " HTTP/1.1\r\n").getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(common);
        byte[] body = json == null ? new byte[0] : json.getBytes(StandardCharsets.UTF_8);
        if (json != null) {
            out.writeBytes("Content-Type: application/json\r\n".getBytes(StandardCharsets.ISO_8859_1));
        }
        if (json != null || method.equals("DELETE")) {
            out.writeBytes(("Content-Length: " + body.length + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }
        out.writeBytes("\r\n".getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(body);
        out.writeTo(open.getOutputStream());
        return read();
    }

    private Answer read() throws IOException {
        int status = Integer.parseInt(line().split(" ", 3)[1]);
        int length = 0;
        boolean chunked = false;
        boolean closing = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(
                        header.substring("content-length:".length()).strip());
            }
            chunked |= lower.startsWith("transfer-encoding:") && lower.endsWith("chunked");
            closing |= lower.startsWith("connection:") && lower.endsWith("close");
        }
        byte[] body = chunked ? chunks() : in.readNBytes(length);
        if (closing) {
            close();
        }
        return new Answer(status, body);
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            int length = Integer.parseInt(line().strip(), 16);
            all.writeBytes(in.readNBytes(length));
            line();
            if (length == 0) {
                return all.toByteArray();
            }
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        int b;
        while ((b = in.read()) != '\n') {
            if (b < 0) {
                throw new EOFException("the server closed the connection after: " + line);
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        Socket open = socket;
        socket = null;
        if (open != null) {
            open.close();
        }
    }
}
