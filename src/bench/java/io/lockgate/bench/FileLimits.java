package io.lockgate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether this process and the gateways may have as many connections open as a benchmark is about to open. */
final class FileLimits {
    /** Files that are no connections of ours: jars, logs, connections to the stores. */
    private static final int OTHERS = 1_000;

    private static final String NAME = "Max open files";

    private FileLimits() {}

    /**
     * Ends the process with a clear word when a limit is too low: a connection that fails for it would look like one
     * that the gateway refused.
     *
     * @param here connections of this process
     * @param there connections of each gateway
     */
    static void require(List<Gateway> gateways, int here, int there) throws IOException {
        boolean enough = isEnough("this process", of(Path.of("/proc/self/limits")), here);
        for (Gateway gateway : gateways) {
            enough &= isEnough("the gateway", gateway.fileLimit(), there);
        }
        if (!enough) {
            gateways.reversed().forEach(Gateway::close);
            System.exit(1);
        }
    }

    private static boolean isEnough(String who, long limit, int connections) {
        if (limit >= connections + OTHERS) {
            return true;
        }
        System.err.printf(
                "%s may have %d files open and needs %d: raise the hard limit (ulimit -Hn, LimitNOFILE)%n",
                who, limit, connections + OTHERS);
        return false;
    }

    /** The soft limit in a file {@code limits} of /proc. */
    static long of(Path limits) throws IOException {
        return Files.readAllLines(limits).stream()
                .filter(line -> line.startsWith(NAME))
                .map(line -> line.substring(NAME.length()).strip().split("\\s+", -1)[0])
                .mapToLong(soft -> soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft))
                .findFirst()
                .orElseThrow();
    }
}
