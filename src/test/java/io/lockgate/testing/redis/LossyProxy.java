package io.lockgate.testing.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * Stands between a client and its Redis; while it is deaf, commands arrive and are done, and their answers are lost.
 */
public final class LossyProxy extends RedisProxy {
    private volatile boolean losing;
    private volatile String lost = "";

    public LossyProxy(URI redis) {
        super(redis);
    }

    public void loseAnswers() {
        loseAnswersWith("");
    }

    /** Loses the answers in which that word stands, and no other. */
    public void loseAnswersWith(String word) {
        lost = word;
        losing = true;
    }

    /** Connections whose answers were lost break, as they would; new ones are good. */
    public void heal() {
        losing = false;
        closeConnections();
    }

    @Override
    protected void replies(InputStream redis, OutputStream client) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (int n = redis.read(buffer); n >= 0; n = redis.read(buffer)) {
            if (!losing || !new String(buffer, 0, n, StandardCharsets.UTF_8).contains(lost)) {
                client.write(buffer, 0, n);
            }
        }
    }
}
