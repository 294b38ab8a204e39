package io.lockgate.redis;

import io.lockgate.testing.redis.RespClient;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;

/** How often a Redis has run commands, by {@code INFO commandstats}. */
final class CommandStats {
    /** What a gateway and a test send without any lock. */
    private static final Set<String> NOT_OF_LOCKS =
            Set.of("auth", "client", "cluster", "config", "hello", "info", "ping", "role", "select", "subscribe");

    private CommandStats() {}

    /** Commands for locks: scripts, and what they call. */
    static long ofLocks(RespClient probe) {
        return calls(probe, name -> !NOT_OF_LOCKS.contains(name));
    }

    static long scripts(RespClient probe) {
        return calls(probe, name -> name.startsWith("eval") || name.startsWith("fcall"));
    }

    private static long calls(RespClient probe, Predicate<String> counts) {
        return probe.text("INFO", "commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_"))
                .map(line -> line.substring("cmdstat_".length()).split("[|:=,]", -1))
                .filter(parts -> counts.test(parts[0]))
                .mapToLong(parts -> Long.parseLong(parts[Arrays.asList(parts).indexOf("calls") + 1]))
                .sum();
    }
}
