package io.lockgate.file;

import java.util.concurrent.ThreadLocalRandom;

/**
 * The ids that the registry gives out: random in (2^62, 2^63). Clients' own decimal ids lie outside, or are refused
 * there, so that two files never share an id (docs/api-files.md, "File registry").
 */
public final class FileIds {
    /** The id of {@code "/"}: the one id of the registry's range that is never drawn. */
    public static final long ROOT = 1L << 62;

    private FileIds() {}

    /**
     * True when an id lies in [2^62, 2^63): only the registry gives out such ids.
     *
     * @param id unsigned 64-bit
     */
    public static boolean isGivenByRegistry(long id) {
        return id >>> 62 == 1;
    }

    /**
     * Draws an id. Not a secret, for an id is no capability: it need not be unpredictable. Whether it is free is for
     * the store to say; with a million paths a draw meets a taken one about once in 4 * 10^12 times.
     */
    public static long draw() {
        while (true) {
            long id = ThreadLocalRandom.current().nextLong() >>> 2 | ROOT;
            if (id != ROOT) {
                return id;
            }
        }
    }
}
