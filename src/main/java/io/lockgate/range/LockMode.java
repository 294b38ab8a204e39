package io.lockgate.range;

/** The modes of the wire, in the order of the {@code enum} lists of the files API: four of byte ranges, six of opens. */
public enum LockMode {
    EXCLUSIVE(LockType.BYTE_RANGE),
    SHARED(LockType.BYTE_RANGE),
    READ_OP(LockType.BYTE_RANGE),
    WRITE_OP(LockType.BYTE_RANGE),
    /** The open reads. */
    READ(LockType.SHARE_MODE),
    /** The open writes. */
    WRITE(LockType.SHARE_MODE),
    /** The open deletes the file, or gives it another name. */
    DELETE(LockType.SHARE_MODE),
    /** No other open may read. */
    EXCLUDE_READ(LockType.SHARE_MODE),
    /** No other open may write. */
    EXCLUDE_WRITE(LockType.SHARE_MODE),
    /** No other open may delete. */
    EXCLUDE_DELETE(LockType.SHARE_MODE);

    private final LockType type;

    LockMode(LockType type) {
        this.type = type;
    }

    public LockType type() {
        return type;
    }

    /** How strongly a lock of this mode holds its bytes. Of an open always exclusive: its modes decide about conflicts. */
    public LockStrength strength() {
        return this == SHARED || this == READ_OP ? LockStrength.SHARED : LockStrength.EXCLUSIVE;
    }
}
