package io.lockgate.testing.redis;

import io.lockgate.app.dev.EmbeddedRedis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The Redis that comes with the build (6.2), and that of the system where there is one (7.0 on Debian): for what both
 * must do.
 */
public final class Servers6And7 {
    private static final String SYSTEM = "/usr/bin/redis-server";

    private Servers6And7() {}

    /** Values of {@link EmbeddedRedis#BINARY_PROPERTY}. */
    public static Stream<String> binaries() {
        return Files.isExecutable(Path.of(SYSTEM)) ? Stream.of("", SYSTEM) : Stream.of("");
    }

    public static BreakableRedis start(String binary, String... configLines) {
        String before = System.getProperty(EmbeddedRedis.BINARY_PROPERTY, "");
        System.setProperty(EmbeddedRedis.BINARY_PROPERTY, binary);
        try {
            return BreakableRedis.start(configLines);
        } finally {
            System.setProperty(EmbeddedRedis.BINARY_PROPERTY, before);
        }
    }
}
