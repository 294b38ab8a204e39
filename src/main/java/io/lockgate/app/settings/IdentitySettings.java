package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How credentials are checked. */
@ConfigMapping(prefix = "lockgate.identity")
public interface IdentitySettings {
    /**
     * How long a token that was found good is taken for good without asking Postgres (100 ms to 60 s). A revoked token works on
     * for up to as long; less costs Postgres more.
     */
    @WithDefault("5s")
    Duration cache();

    /** How long identities stay good for keeping and freeing one's own locks while Postgres does not answer (0 s to 1 h). */
    @WithDefault("10m")
    Duration lastKnown();

    /** Tokens remembered by each gateway (16 to 1,000,000). Each takes about 1 KB. */
    @WithDefault("20000")
    int cacheSize();

    /**
     * Look-ups in Postgres of credentials that this gateway has not seen good, from one network (IPv4 address or IPv6 /64), that may
     * wait (1 to unknown-waiting); more are 429.
     */
    @WithDefault("256")
    int unknownPerNetwork();

    /** The same from all networks (16 to 100,000). Whoever has most waiting gives way. */
    @WithDefault("1024")
    int unknownWaiting();

    /** Cost of a password's hash, as bcrypt counts it (4 to 16): one more doubles the time. 12 is about a quarter of a second. */
    @WithDefault("12")
    int passwordCost();

    /** Passwords hashed at the same moment (1 to 64); each takes a core. */
    @WithDefault("2")
    int passwordThreads();

    /** Failed logins of one name from one address (of IPv6 a /64) within the window (1 to 10,000); more are 429. */
    @WithDefault("10")
    int loginsPerName();

    /** Failed logins from one address (of IPv6 a /64) within the window, whatever the names (1 to 100,000); more are 429. */
    @WithDefault("100")
    int loginsPerAddress();

    /** The window of both limits (1 s to 1 day). */
    @WithDefault("5m")
    Duration loginWindow();

    /** Life of a bearer token from a login (1 min to 30 days). */
    @WithDefault("10h")
    Duration loginLifetime();

    /** Life of a refresh cookie (1 min to 365 days). */
    @WithDefault("30d")
    Duration refreshLifetime();

    /** Life of a SID session after its last use (1 min to 365 days). */
    @WithDefault("30d")
    Duration sessionLifetime();
}
