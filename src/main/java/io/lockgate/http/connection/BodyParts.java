package io.lockgate.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Joins the small pieces in which a body may come: each piece that goes on costs many times its bytes, and a body may
 * come byte by byte. Not thread-safe; belongs to the event loop of its connection.
 */
final class BodyParts {
    /** Pieces from this on go on as they come. */
    static final int SMALL = 1_024;

    /** What has been kept goes on from this on. */
    private static final int ENOUGH = 4_096;

    private @Nullable ByteBuf kept;

    /** Copies {@code piece} and keeps it, if it is small; answers whether it did. */
    boolean keeps(ChannelHandlerContext ctx, ByteBuf piece) {
        int length = piece.readableBytes();
        ByteBuf before = kept;
        if (length >= SMALL || (before != null && before.readableBytes() + length > ENOUGH)) {
            return false;
        }
        if (before == null) {
            before = ctx.alloc().heapBuffer(Math.max(length, 64), ENOUGH);
            kept = before;
        }
        before.writeBytes(piece, piece.readerIndex(), length);
        return true;
    }

    /** All that was kept, with {@code last} behind it, for the caller to release; null when nothing was kept. */
    @Nullable ByteBuf with(ByteBuf last) {
        ByteBuf before = kept;
        if (before == null) {
            return null;
        }
        kept = null;
        ByteBuf joined = before.alloc().heapBuffer(before.readableBytes() + last.readableBytes());
        joined.writeBytes(before).writeBytes(last, last.readerIndex(), last.readableBytes());
        before.release();
        return joined;
    }

    /** All that was kept, for the caller to release; null when nothing was. */
    @Nullable ByteBuf take() {
        ByteBuf before = kept;
        kept = null;
        return before;
    }

    void release() {
        ByteBuf before = take();
        if (before != null) {
            before.release();
        }
    }
}
