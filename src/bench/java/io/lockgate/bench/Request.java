package io.lockgate.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A request that is sent again and again, with a new request id each time if it has one. Only the digits of the id are
 * written again, so that making requests costs the load tool as little for long ones as for short ones.
 */
final class Request {
    /** Digits of a request id that tell the runs of this tool apart. */
    private static final int RUN_DIGITS = 8;

    private static final int COUNTED_DIGITS = 16;
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RUN =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()).getBytes(StandardCharsets.US_ASCII);

    /** Of all requests of this JVM: its ids never repeat, whatever connection or run sends them. */
    private static long sent;

    private final byte[] bytes;
    private final int[] ids;
    private final byte[] wanted;

    private Request(byte[] bytes, int[] ids, String wanted) {
        this.bytes = bytes;
        this.ids = ids;
        this.wanted = wanted.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * @param id what stands for the request id wherever it belongs, 24 characters; empty when there is none
     * @param wanted what a good answer holds somewhere
     */
    static Request of(String text, String id, String wanted) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (id.isEmpty()) {
            return new Request(bytes, new int[0], wanted);
        }
        // One byte a character, so that places in the text are places in the bytes.
        String single = new String(bytes, StandardCharsets.ISO_8859_1);
        List<Integer> places = new ArrayList<>();
        for (int at = single.indexOf(id); at >= 0; at = single.indexOf(id, at + id.length())) {
            System.arraycopy(RUN, 0, bytes, at, RUN_DIGITS);
            places.add(at + RUN_DIGITS);
        }
        return new Request(bytes, places.stream().mapToInt(Integer::intValue).toArray(), wanted);
    }

    /**
     * The text of an HTTP/1.1 request on a connection that is kept.
     *
     * @param head method and target
     * @param headers further headers, as {@code Name: value}
     */
    static String http(String head, List<String> headers, String body) {
        StringBuilder text = new StringBuilder(head).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        headers.forEach(header -> text.append(header).append("\r\n"));
        if (!body.isEmpty()) {
            text.append("Content-Length: ")
                    .append(body.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n");
        }
        return text.append("\r\n").append(body).toString();
    }

    /** What to send now. The same array each time: it is to be sent before the next call. */
    byte[] next() {
        if (ids.length > 0) {
            long id = ++sent;
            for (int digit = COUNTED_DIGITS - 1; digit >= 0; digit--, id >>>= 4) {
                for (int place : ids) {
                    bytes[place + digit] = DIGITS[(int) id & 15];
                }
            }
        }
        return bytes;
    }

    /** Whether the complete answer says what it should. */
    boolean answeredBy(Framing framing, byte[] answer, int length) {
        return framing.good(answer) && Framing.holds(answer, length, wanted);
    }
}
