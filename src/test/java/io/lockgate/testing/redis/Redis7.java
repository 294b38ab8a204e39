package io.lockgate.testing.redis;

import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/** The system's Redis 7, where scripts are called as functions of a library; the one of the build (6.2) has none. */
public final class Redis7 {
    /** System property: without a Redis 7, fail and do not skip. {@code .ci/run}, which installs one, sets it. */
    private static final String REQUIRED = "lockgate.redis7.required";

    private static final String BINARY = "/usr/bin/redis-server";

    private Redis7() {}

    /** One for all tests that leave it as it is. */
    public static BreakableRedis shared() {
        return Shared.SERVER;
    }

    private static final class Shared {
        private static final BreakableRedis SERVER = start();
    }

    public static BreakableRedis start(String... configLines) {
        require();
        return Servers6And7.start(BINARY, configLines);
    }

    /** Ends the test where there is none. */
    public static void require() {
        if (Files.isExecutable(Path.of(BINARY))) {
            return;
        }
        if (Boolean.getBoolean(REQUIRED)) {
            throw new AssertionError("no " + BINARY + ", and -D" + REQUIRED + " wants one");
        }
        throw new TestAbortedException("no " + BINARY);
    }

    /** How often the server has run a function. */
    public static long functionCalls(BreakableRedis redis) {
        return calls(redis, "fcall");
    }

    /** How often it has run a script. */
    public static long scriptCalls(BreakableRedis redis) {
        return calls(redis, "evalsha") + calls(redis, "eval");
    }

    private static long calls(BreakableRedis redis, String command) {
        String line = "cmdstat_" + command + ":calls=";
        try (RespClient probe = redis.probe()) {
            return probe.text("INFO", "commandstats")
                    .lines()
                    .filter(found -> found.startsWith(line))
                    .mapToLong(found -> Long.parseLong(found.substring(line.length(), found.indexOf(','))))
                    .sum();
        }
    }
}
