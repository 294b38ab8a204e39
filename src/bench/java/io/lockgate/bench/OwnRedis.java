package io.lockgate.bench;

import io.lockgate.app.dev.EmbeddedRedis;
import java.util.Optional;

/** A Redis server of our own, to be flushed at will: {@code redis-server} of the PATH, else the embedded one. */
final class OwnRedis {
    private OwnRedis() {}

    /**
     * Starts it.
     *
     * @param binary the server to run; empty for the PATH's or the embedded one
     * @param configLines further lines of redis.conf
     */
    static EmbeddedRedis start(Optional<String> binary, String... configLines) {
        choose(binary);
        return EmbeddedRedis.start(configLines);
    }

    /** Which server is run from now on, as in {@link #start}. */
    static void choose(Optional<String> binary) {
        binary.or(() -> OwnProcess.program("redis-server"))
                .ifPresent(path -> System.setProperty(EmbeddedRedis.BINARY_PROPERTY, path));
    }
}
