package io.lockgate.range;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Name of a grant: the bucket that keeps it and its sequence there. Sequences are drawn from the same counter as
 * fencing tokens, so an id is never given twice, not even after a loss of the store. An id is not a capability.
 *
 * @param bucket 0 to 65535
 * @param sequence unsigned 64-bit
 */
public record GrantId(int bucket, long sequence) {
    private static final Pattern TEXT = Pattern.compile("(0|[1-9][0-9]{0,4})-([0-9a-f]{16})");

    /** Reads {@code "7-0000010000000001"}; empty for any other shape. */
    public static Optional<GrantId> parse(String text) {
        var m = TEXT.matcher(text);
        if (!m.matches()) {
            return Optional.empty();
        }
        int bucket = Integer.parseInt(m.group(1));
        return bucket > 0xFFFF
                ? Optional.empty()
                : Optional.of(new GrantId(bucket, Long.parseUnsignedLong(m.group(2), 16)));
    }

    @Override
    public String toString() {
        return bucket + "-" + HexFormat.of().toHexDigits(sequence);
    }
}
