package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How locks behave. */
@ConfigMapping(prefix = "lockgate.locks")
public interface LockSettings {
    /**
     * Whether locks taken over SMB and over NFS see each other: {@code isolated} (they do not) or {@code enforced} (a common byte
     * with a strong mode on either side conflicts, whoever the owners are). Changed only while no lock is held.
     */
    @WithDefault("isolated")
    CrossProtocol crossProtocol();

    /** Time between two rounds that tidy expired locks away. Expired locks are free at once; this only frees their memory. */
    @WithDefault("1s")
    String sweepInterval();

    /** See {@link LockSettings#crossProtocol()}. */
    enum CrossProtocol {
        ISOLATED,
        ENFORCED
    }
}
