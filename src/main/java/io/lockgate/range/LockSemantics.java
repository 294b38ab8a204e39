package io.lockgate.range;

/**
 * A set of protocols whose locks see each other, with the engine that decides between them. A POSIX lock and an
 * SMB lock meet only when the gateway enforces it across protocols ({@code lockgate.locks.cross-protocol=enforced}).
 */
public enum LockSemantics {
    /** NLM and NFSv4: merge, split, upgrade; an owner never conflicts with itself. */
    POSIX,
    /** SMB: no merging, counted stacking, exact unlock, zero-length locks. */
    SMB
}
