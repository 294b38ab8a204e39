package io.lockgate.postgres;

import java.math.BigInteger;

/** Unsigned 64-bit numbers between Java's {@code long} and Postgres' {@code NUMERIC(20)}, exactly. */
final class Unsigned {
    private Unsigned() {}

    static BigInteger toColumn(long unsigned) {
        return new BigInteger(Long.toUnsignedString(unsigned));
    }

    /**
     * @throws StoreFault when the column holds what 64 bits do not
     */
    static long toLong(BigInteger column) {
        if (column.signum() < 0 || column.bitLength() > Long.SIZE) {
            throw new StoreFault("not an unsigned 64-bit number: " + column);
        }
        return column.longValue();
    }
}
