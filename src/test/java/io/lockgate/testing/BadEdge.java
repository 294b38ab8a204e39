package io.lockgate.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Bad input at the edge of HTTP, before any API: what it is answered is others' matter, here it is only sent. */
public final class BadEdge {
    /** What a forged line of the log would say. */
    public static final String FORGED = "2026-11-28T23:00:00.000Z ERROR [io.loc.Main] (main) forged";

    private static final int PATIENCE_MILLIS = 500;

    private BadEdge() {}

    /** Sends all of it, each piece on a connection of its own. */
    public static void send(URI base, String token) throws IOException {
        String host = "Host: " + base.getHost() + ":" + base.getPort() + "\r\n";
        String bearer = "Authorization: Bearer " + token + "\r\n";
        for (String request : http1(host, bearer)) {
            try (Socket socket = new Socket(base.getHost(), base.getPort())) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                drain(socket.getInputStream());
            } catch (IOException closed) {
                // As the server likes.
            }
        }
        for (List<String> headers : http2(base, token)) {
            try (RawHttp2 connection = new RawHttp2(base)) {
                connection.read(connection.begin(headers, headers.contains(":method: POST") ? new byte[] {'x'} : null));
            } catch (IOException closed) {
                // As the server likes.
            }
        }
        frames(base);
    }

    private static void drain(InputStream in) throws IOException {
        try {
            // What is left open is closed from here: a client that goes away.
            in.readNBytes(1 << 20);
        } catch (SocketTimeoutException e) {
            // Waits for more.
        }
    }

    private static List<String> http1(String host, String bearer) {
        List<String> all = new ArrayList<>();
        for (String target : List.of(
                "/v1/\u001b[31mred\u0007",
                "/v1/files/%0A" + FORGED.replace(" ", "%20"),
                "/v1/files/" + "x".repeat(30_000),
                "/v1/files/%2F" + "x".repeat(3_900) + "/locks/nlm/byte-range/",
                "/%",
                "/%zz?%",
                "/data/\u0000",
                "/admin/../../etc/passwd",
                "//",
                "*",
                "",
                "nothing",
                "?" + "x".repeat(4_000),
                "http://x?q=/v1/version",
                "http://[bad/x",
                "http://other.example/v1/version",
                "/v1/version#fragment",
                "/\u00ff\u00fe",
                "/q/../v1/version",
                "/q/openapi?format=\u001b",
                "/v1/files/5/locks/nlm/byte-range/?limit=%0A&after=" + "y".repeat(5_000))) {
            for (String method : List.of("GET", "OPTIONS", "M\u0007", "made-up")) {
                all.add(method + " " + target + " HTTP/1.1\r\n" + host + bearer + "\r\n");
            }
        }
        for (String header : List.of(
                "Content-Type: /;;",
                "Content-Type: text/\u0007",
                "Accept: ///,\u001b",
                "Accept-Language: \u001b;q=x",
                "If-Match: \"\u0007",
                "Range: bytes=9-1",
                "Cookie: ;;=;refreshToken=\u001b",
                "Content-Length: x",
                "Content-Length: -1",
                "Content-Length: 99999999999999999999",
                "Expect: the-impossible",
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x",
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: !!!",
                "Transfer-Encoding: chunked",
                "X-Forwarded-For: \u001b, ,:",
                "Forwarded: for=\u001b",
                "X-Auth-Token: " + "\u00ff".repeat(500),
                "Bad Header: x",
                ": x",
                "A: " + "z".repeat(70_000))) {
            for (String line : List.of(
                    "GET /v1/version", "POST /v1/session/login", "PUT /data/x/distribution/p", "POST /auth/login")) {
                all.add(line + " HTTP/1.1\r\n" + host + bearer + header + "\r\n\r\nzz\r\n{\r\n");
            }
        }
        all.add("GET /v1/version HTTP/3.7\r\n" + host + "\r\n");
        all.add("GET /v1/version\r\n\r\n");
        all.add("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0".repeat(9));
        all.add("\r\n\r\n\r\n");
        all.add("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003" + "\u0080".repeat(400));
        all.add("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n");
        all.add("POST /v1/session/login HTTP/1.1\r\n" + host
                + "Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"user");
        all.add("PUT /data/x/distribution/p HTTP/1.1\r\n" + host + bearer
                + "Content-Length: 500000\r\n\r\n{\"blocks\":[[0,1],");
        all.add("POST /v1/session/login HTTP/1.1\r\n" + host
                + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n\r\n--x");
        return all;
    }

    private static List<List<String>> http2(URI base, String token) {
        String authority = ":authority: " + base.getHost() + ":" + base.getPort();
        String bearer = "authorization: Bearer " + token;
        List<List<String>> all = new ArrayList<>();
        for (String path : List.of(
                "/v1/files/x\n" + FORGED,
                "/v1/x\r\n" + FORGED,
                "/data/x\u001b[2J\u0007",
                "/admin/\u2028" + FORGED,
                "/\u202e",
                "",
                "nothing",
                "?x",
                "*",
                "/" + "x".repeat(30_000))) {
            for (String method : List.of("GET", "POST", "MADE\nUP " + FORGED)) {
                all.add(List.of(":method: " + method, ":scheme: http", authority, ":path: " + path, bearer));
            }
        }
        for (String header : List.of(
                "Upper: case",
                "connection: close",
                "te: gzip",
                "x: a\nb",
                ":late: x",
                ":path: /again",
                "content-length: 5",
                "content-length: x")) {
            all.add(List.of(":method: GET", ":scheme: http", authority, ":path: /v1/version", header));
            all.add(List.of(":method: POST", ":scheme: http", authority, ":path: /v1/session/login", header));
        }
        all.add(List.of(":method: GET", authority));
        all.add(List.of(":method: CONNECT", authority));
        all.add(List.of("x: y"));
        return all;
    }

    private static void frames(URI base) {
        for (Map.Entry<Integer, byte[]> frame : Map.of(
                        0, new byte[] {1},
                        1, new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF},
                        4, new byte[] {1},
                        5, new byte[4],
                        7, new byte[8],
                        8, new byte[4],
                        9, new byte[4],
                        42, new byte[4])
                .entrySet()) {
            for (int stream : new int[] {0, 1, 2}) {
                try (RawHttp2 connection = new RawHttp2(base)) {
                    connection.frame(frame.getKey(), 5, stream, frame.getValue());
                    connection.send("GET", "/v1/version", null);
                } catch (IOException closed) {
                    // As the server likes.
                }
            }
        }
    }
}
