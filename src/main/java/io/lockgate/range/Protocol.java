package io.lockgate.range;

/** The protocol by which a lock was acquired; it decides the {@link LockSemantics} and with it the rules. */
public enum Protocol {
    NLM(LockSemantics.POSIX),
    NFS4(LockSemantics.POSIX),
    SMB(LockSemantics.SMB);

    private final LockSemantics semantics;

    Protocol(LockSemantics semantics) {
        this.semantics = semantics;
    }

    public LockSemantics semantics() {
        return semantics;
    }
}
