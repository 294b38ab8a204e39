package io.lockgate.range;

/**
 * A number that grows strictly over all grants of a space, across owners: (epoch of the bucket &lt;&lt; 40) | counter
 * of the bucket (docs/lock-semantics.md). A store that remembers the highest token it has seen can turn away a holder
 * whose lease ended while it was not looking (Kleppmann, "How to do distributed locking", 2016).
 *
 * @param value unsigned 64-bit
 */
public record FencingToken(long value) implements Comparable<FencingToken> {
    @Override
    public int compareTo(FencingToken other) {
        return Long.compareUnsigned(value, other.value);
    }

    /** The token in decimal, as it travels. */
    @Override
    public String toString() {
        return Long.toUnsignedString(value);
    }
}
