package io.lockgate.redis;

import java.util.Locale;

/**
 * What all gateways of a store must agree on before any of them decides: the format of its keys and scripts, the number
 * of buckets and the rule between the protocols. Each bucket carries it in its {@code meta} as {@code
 * format/buckets/rule}, and every script compares it with that of its gateway ({@code lua/lib/clock.lua}).
 *
 * @param buckets number of buckets, {@code lockgate.redis.buckets}
 * @param rule {@code lockgate.locks.cross-protocol}: {@code isolated} or {@code enforced}
 */
record StoreMark(int buckets, String rule) {
    /**
     * Raised by each change of scripts or layout beside which a gateway of the version before must not decide
     * (DESIGN.md, "Versions side by side"). Format 1 had no mark; format 2 had one
     * entry in the listing indexes for each grant and property, where format 3 has chunks of ids. Format 3 has no
     * sessions; format 4 has. Format 4 has no opens of SMB; format 5 has.
     */
    static final int FORMAT = 5;

    /**
     * The first half of every token. Gateways of format 1 know epoch 1 alone and refuse a bucket that is in another.
     */
    static final long EPOCH = 2;

    /** What the epoch of a bucket begins with while it is repaired (lua/buckets/repair.lua). */
    static final String UNDER_REPAIR = "repair:";

    static StoreMark of(RedisSettings settings) {
        return new StoreMark(
                settings.calls().buckets(),
                settings.locks().crossProtocol().name().toLowerCase(Locale.ROOT));
    }

    /** As it stands in a bucket. */
    String text() {
        return FORMAT + "/" + buckets + "/" + rule;
    }

    /** Whether a bucket with this mark is in the layout of this version. One without a mark is of 5f5eaf0, or empty. */
    static boolean isOfThisFormat(String mark) {
        return mark.startsWith(FORMAT + "/");
    }

    /** ARGV[3] of every script: epoch and mark. */
    String argument() {
        return EPOCH + " " + text();
    }
}
