package io.lockgate.http.connection;

import io.netty.buffer.ByteBuf;

/**
 * Follows the frames of an HTTP/2 connection (RFC 9113, 4.1), to tell when one, or a header block of several, is not
 * complete.
 */
final class Http2Frames {
    private static final int HEAD = 9;
    private static final int PREFACE = 24;
    private static final int DATA = 0x0;
    private static final int HEADERS = 0x1;
    private static final int CONTINUATION = 0x9;
    private static final int END_HEADERS = 0x4;

    private final byte[] head = new byte[HEAD];
    private boolean begun;
    private int headBytes;
    private int left;
    private boolean awaitsFirst;
    private boolean withinHeaders;
    private boolean withinData;
    private long since;

    /** The client has been told that HTTP/2 follows, and must begin it with its preface (RFC 9113, 3.4). */
    void expectPreface() {
        begun = true;
        left = PREFACE;
        awaitsFirst = true;
        since = System.nanoTime();
    }

    /** Whether a header block has begun and not ended. */
    boolean isWithinHeaders() {
        return withinHeaders;
    }

    /** Reads along, without moving the reader's place. */
    void follow(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        boolean wasComplete = !isIncomplete();
        boolean beganFrame = false;
        if (!begun && at < end) {
            begun = true;
            // The first byte of a frame is that of its length, which never is as great as this letter would make it.
            left = bytes.getByte(at) == 'P' ? PREFACE : 0;
        }
        while (at < end) {
            if (left > 0) {
                int taken = Math.min(left, end - at);
                left -= taken;
                at += taken;
            } else {
                beganFrame |= headBytes == 0;
                head[headBytes++] = bytes.getByte(at++);
                if (headBytes == HEAD) {
                    headBytes = 0;
                    begin();
                }
            }
        }
        if (isIncomplete() && (wasComplete || (beganFrame && !withinHeaders))) {
            since = System.nanoTime();
        }
    }

    private void begin() {
        awaitsFirst = false;
        left = (head[0] & 0xFF) << 16 | (head[1] & 0xFF) << 8 | (head[2] & 0xFF);
        withinData = head[3] == DATA;
        if (head[3] == HEADERS || head[3] == CONTINUATION) {
            withinHeaders = (head[4] & END_HEADERS) == 0;
        }
    }

    /** Whether more must come before anything can be done with what has come. */
    boolean isIncomplete() {
        return left > 0 || headBytes > 0 || withinHeaders || awaitsFirst;
    }

    /** Whether the incomplete frame is one of a body. */
    boolean isWithinData() {
        return withinData && !withinHeaders;
    }

    /** {@link System#nanoTime} at which the incomplete frame or header block began. */
    long since() {
        return since;
    }
}
