package io.lockgate.range;

/** The four byte-range modes of the wire, in the order of the {@code enum} list of the files API. */
public enum LockMode {
    EXCLUSIVE(LockStrength.STRONG),
    SHARED(LockStrength.WEAK),
    READ_OP(LockStrength.WEAK),
    WRITE_OP(LockStrength.STRONG);

    private final LockStrength strength;

    LockMode(LockStrength strength) {
        this.strength = strength;
    }

    public LockStrength strength() {
        return strength;
    }
}
