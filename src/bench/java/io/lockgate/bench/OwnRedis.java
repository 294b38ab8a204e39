package io.lockgate.bench;

import io.lockgate.app.dev.EmbeddedRedis;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** A Redis server of our own, to be flushed at will: {@code redis-server} of the PATH, else the embedded one. */
final class OwnRedis {
    private OwnRedis() {}

    /**
     * Starts it.
     *
     * @param binary the server to run; empty for the PATH's or the embedded one
     */
    static EmbeddedRedis start(Optional<String> binary) {
        binary.or(OwnRedis::onPath).ifPresent(path -> System.setProperty(EmbeddedRedis.BINARY_PROPERTY, path));
        return EmbeddedRedis.start();
    }

    private static Optional<String> onPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, "redis-server"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }
}
