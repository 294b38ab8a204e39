package io.lockgate.range;

/** The four byte-range modes of the wire, in the order of the {@code enum} list of the files API. */
public enum LockMode {
    EXCLUSIVE(LockStrength.EXCLUSIVE),
    SHARED(LockStrength.SHARED),
    READ_OP(LockStrength.SHARED),
    WRITE_OP(LockStrength.EXCLUSIVE);

    private final LockStrength strength;

    LockMode(LockStrength strength) {
        this.strength = strength;
    }

    public LockStrength strength() {
        return strength;
    }
}
