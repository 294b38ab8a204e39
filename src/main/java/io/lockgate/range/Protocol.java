package io.lockgate.range;

/** The protocol under which a lock was taken; it decides the {@link LockSemantics} and with it the rules. */
public enum Protocol {
    NLM(LockSemantics.POSIX),
    NFS4(LockSemantics.POSIX),
    SMB(LockSemantics.SMB);

    private final LockSemantics world;

    Protocol(LockSemantics world) {
        this.world = world;
    }

    public LockSemantics world() {
        return world;
    }
}
