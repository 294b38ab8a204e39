package io.lockgate.app.settings;

import io.lockgate.redis.RedisSettings;
import io.lockgate.redis.RedisSettings.CrossProtocol;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How range locks behave. */
@ConfigMapping(prefix = "lockgate.locks")
@RegisterForReflection
public interface LockSettings extends RedisSettings.Locks {
    /**
     * Whether locks acquired over SMB and over NFS see each other: {@code isolated} (they do not) or {@code enforced}
     * (two locks on a common byte conflict when one of them is exclusive, whoever the owners are). The same on all
     * gateways of a store; changed only while no lock is held.
     */
    @Override
    @WithDefault("isolated")
    CrossProtocol crossProtocol();

    /**
     * Time between two rounds that delete expired locks. Their bytes are free at once; rounds free their memory, serve
     * those who wait for them, and see in which buckets requests wait, which the search for deadlocks needs.
     */
    @WithDefault("1s")
    String sweepInterval();
}
