package io.lockgate.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;

class BodyPartsTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final ChannelHandlerContext context = channel.pipeline().firstContext();
    private final SplittableRandom random = new SplittableRandom();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int parts;

    @RepeatedTest(20)
    @DisplayName("Pieces of any size come out in order, and small ones in few parts")
    void joins() {
        BodyParts joined = new BodyParts();
        ByteArrayOutputStream in = new ByteArrayOutputStream();
        int large = 0;
        for (int i = 0; i < 5_000; i++) {
            boolean isLarge = random.nextInt(500) == 0;
            byte[] bytes = new byte[isLarge ? random.nextInt(1_024, 5_000) : random.nextInt(4)];
            random.nextBytes(bytes);
            in.writeBytes(bytes);
            large += isLarge ? 1 : 0;
            ByteBuf piece = Unpooled.wrappedBuffer(bytes);
            if (!joined.keeps(context, piece)) {
                came(joined.take());
                came(piece);
            }
        }
        byte[] last = {1, 2, 3};
        in.writeBytes(last);
        ByteBuf end = joined.with(Unpooled.wrappedBuffer(last));
        came(end == null ? Unpooled.wrappedBuffer(last) : end);
        assertThat(out.toByteArray()).isEqualTo(in.toByteArray());
        assertThat(parts).isLessThan(2 * large + 20);
        joined.release();
    }

    private void came(@Nullable ByteBuf part) {
        if (part != null) {
            byte[] bytes = new byte[part.readableBytes()];
            part.readBytes(bytes);
            out.writeBytes(bytes);
            part.release();
            parts++;
        }
    }
}
