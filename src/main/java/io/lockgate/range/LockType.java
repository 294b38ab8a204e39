package io.lockgate.range;

/** What a lock keeps others from. Locks of different types never conflict. */
public enum LockType {
    /** A range of bytes. */
    BYTE_RANGE,

    /** An open of SMB: what its handle may do with the whole stream, and what others may not (share modes). */
    SHARE_MODE
}
