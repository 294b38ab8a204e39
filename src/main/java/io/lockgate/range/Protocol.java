package io.lockgate.range;

/** The protocol under which a lock was taken; it decides the {@link World} and with it the rules. */
public enum Protocol {
    NLM(World.POSIX),
    NFS4(World.POSIX),
    SMB(World.SMB);

    private final World world;

    Protocol(World world) {
        this.world = world;
    }

    public World world() {
        return world;
    }
}
