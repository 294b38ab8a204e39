package io.lockgate.range;

/**
 * How strongly a lock holds its bytes against other owners (docs/lock-semantics.md, "Modes"): {@link #EXCLUSIVE}
 * conflicts with every lock of another owner on a common byte, {@link #SHARED} only with exclusive ones. Stored rows and
 * scripts call them strong and weak.
 */
public enum LockStrength {
    EXCLUSIVE,
    SHARED
}
