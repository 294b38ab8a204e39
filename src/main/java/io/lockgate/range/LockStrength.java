package io.lockgate.range;

/**
 * How strongly a lock holds its bytes against other owners (docs/lock-semantics.md, "Modes"): {@link #EXCLUSIVE}
 * conflicts with every lock of another owner on a common byte, {@link #SHARED} only with exclusive ones. Rows have
 * the letters S (exclusive) and W (shared).
 */
public enum LockStrength {
    EXCLUSIVE,
    SHARED
}
