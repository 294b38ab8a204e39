package io.lockgate.range;

/** The four byte-range modes of the wire, in the order of the {@code enum} list of the files API. */
public enum LockMode {
    EXCLUSIVE(Strength.STRONG),
    SHARED(Strength.WEAK),
    READ_OP(Strength.WEAK),
    WRITE_OP(Strength.STRONG);

    private final Strength strength;

    LockMode(Strength strength) {
        this.strength = strength;
    }

    public Strength strength() {
        return strength;
    }
}
