package io.lockgate.testing.redis;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Notes every command that passes. */
public final class RecordingProxy extends RedisProxy {
    private final List<List<String>> commands = new ArrayList<>();

    public RecordingProxy(URI server) {
        super(server);
    }

    /** What passed since the last call of this, each as its words. */
    public List<List<String>> commands() {
        synchronized (commands) {
            List<List<String>> all = List.copyOf(commands);
            commands.clear();
            return all;
        }
    }

    @Override
    protected void requests(InputStream client, OutputStream redis) throws IOException {
        InputStream in = new BufferedInputStream(client);
        OutputStream out = new BufferedOutputStream(redis);
        while (true) {
            byte[][] words = readCommand(in);
            synchronized (commands) {
                commands.add(Arrays.stream(words)
                        .map(word -> new String(word, StandardCharsets.UTF_8))
                        .toList());
            }
            writeCommand(out, words);
        }
    }
}
