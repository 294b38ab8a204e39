package io.lockgate.range;

/**
 * How strongly a lock holds its bytes against other owners (docs/lock-semantics.md, "Modes"): {@link #STRONG} conflicts
 * with every lock of another owner on a common byte, {@link #WEAK} only with strong ones.
 */
public enum LockStrength {
    STRONG,
    WEAK
}
