package io.lockgate.testing.redis;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Stands before a Redis whose clock seems to be moved: the answers to TIME are, and so is what scripts read of it.
 * (libfaketime does not get on with Redis' allocator.) Scripts are sent on in another text, so Redis never knows the
 * sha and is always sent the text.
 */
public final class MovedClockProxy extends RedisProxy {
    private static final Pattern TIME = Pattern.compile("\\*2\r\n\\$10\r\n(\\d{10})\r\n");

    private volatile long seconds;

    public MovedClockProxy(URI redis) {
        super(redis);
    }

    /** From now on the clock is ahead by so much. */
    public void ahead(long by) {
        seconds = by;
    }

    @Override
    protected void requests(InputStream client, OutputStream redis) throws IOException {
        InputStream in = new BufferedInputStream(client);
        OutputStream out = new BufferedOutputStream(redis);
        while (true) {
            byte[][] words = readCommand(in);
            for (int i = 0; i < words.length; i++) {
                words[i] =
                        moved(new String(words[i], StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
            }
            writeCommand(out, words);
        }
    }

    private String moved(String word) {
        return word.replace("= call('TIME')", "= call('TIME') time[1] = format('%d', time[1] + " + seconds + ")");
    }

    @Override
    protected void replies(InputStream redis, OutputStream client) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (int n = redis.read(buffer); n >= 0; n = redis.read(buffer)) {
            String text = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
            String told = TIME.matcher(text).replaceAll(time -> {
                long moved = Long.parseLong(time.group(1)) + seconds;
                return "*2\r\n\\$10\r\n" + moved + "\r\n";
            });
            client.write(told.getBytes(StandardCharsets.ISO_8859_1));
        }
    }
}
