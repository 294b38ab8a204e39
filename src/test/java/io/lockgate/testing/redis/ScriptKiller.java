package io.lockgate.testing.redis;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * Stands between a client and its Redis and lets scripts die behind a number of writes: it never finds a script by its
 * sha, and puts a few lines before the text of each, which count the writes and raise an error in place of the next.
 */
public final class ScriptKiller extends RedisProxy {
    private volatile int writes = -1;

    public ScriptKiller(URI redis) {
        super(redis);
    }

    /** From now on each script dies in place of its write after so many. */
    public void allow(int count) {
        writes = count;
    }

    public void allowAll() {
        writes = -1;
    }

    private static String counting(int allowed) {
        return """
            local allowed, real = %d, redis
            local redis = { pcall = real.pcall, set_repl = real.set_repl, REPL_NONE = real.REPL_NONE, call = function(name, ...)
              if ({ HSET = 1, HDEL = 1, HINCRBY = 1, ZADD = 1, ZREM = 1, SET = 1 })[name] then
                if allowed == 0 then error('killed') end
                allowed = allowed - 1
              end
              return real.call(name, ...)
            end }
            """.formatted(allowed);
    }

    @Override
    protected void requests(InputStream client, OutputStream redis) throws IOException {
        InputStream in = new BufferedInputStream(client);
        OutputStream out = new BufferedOutputStream(redis);
        while (true) {
            byte[][] words = readCommand(in);
            String name = new String(words[0], StandardCharsets.UTF_8);
            if (name.equalsIgnoreCase("EVALSHA")) {
                // No script has this one.
                words[1] = "0".repeat(40).getBytes(StandardCharsets.UTF_8);
            } else if (name.equalsIgnoreCase("EVAL") && writes >= 0) {
                String text = counting(writes) + new String(words[1], StandardCharsets.UTF_8);
                words[1] = text.getBytes(StandardCharsets.UTF_8);
            }
            writeCommand(out, words);
        }
    }
}
