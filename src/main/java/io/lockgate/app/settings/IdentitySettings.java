package io.lockgate.app.settings;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How credentials are checked. */
@ConfigMapping(prefix = "lockgate.identity")
@RegisterForReflection
public interface IdentitySettings {
    /**
     * How long a token that was found good is taken for good without asking Postgres. A revoked token works on for up
     * to this time; less costs Postgres more.
     */
    @WithDefault("5s")
    @WithinTime(min = "100ms", max = "60s")
    Duration cache();

    /** How long known callers can renew and release their own locks while Postgres does not answer. */
    @WithDefault("10m")
    @WithinTime(min = "0s", max = "1h")
    Duration lastKnown();

    /** Tokens remembered by each gateway. Each takes about 1 KB. */
    @WithDefault("20000")
    @Within(min = 16, max = 1_000_000)
    int cacheSize();

    /**
     * Look-ups in Postgres of credentials that this gateway has not seen good, from one network (IPv4 address or IPv6
     * /64), that may wait; more are 429. At most {@code lockgate.identity.unknown-waiting}.
     */
    @WithDefault("256")
    @Within(min = 1, max = 100_000)
    int unknownPerNetwork();

    /**
     * Look-ups in Postgres of credentials that this gateway has not seen good, from all networks together, that may
     * wait; more are 429. The network with most waiting look-ups gives way.
     */
    @WithDefault("1024")
    @Within(min = 16, max = 100_000)
    int unknownWaiting();

    /**
     * Cost of a password's hash, as bcrypt counts it: one more doubles the time of a login. 12 is about a quarter of
     * a second.
     */
    @WithDefault("12")
    @Within(min = 4, max = 16)
    int passwordCost();

    /** Passwords hashed at the same moment; each takes a core. */
    @WithDefault("2")
    @Within(min = 1, max = 64)
    int passwordThreads();

    /**
     * Failed logins of one name from one address (of IPv6 a /64) within {@code lockgate.identity.login-window}; more
     * are 429.
     */
    @WithDefault("10")
    @Within(min = 1, max = 10_000)
    int loginsPerName();

    /**
     * Failed logins from one address (of IPv6 a /64) within {@code lockgate.identity.login-window}, whatever the
     * names; more are 429.
     */
    @WithDefault("100")
    @Within(min = 1, max = 100_000)
    int loginsPerAddress();

    /** The window of both limits. */
    @WithDefault("5m")
    @WithinTime(min = "1s", max = "1d")
    Duration loginWindow();

    /** Life of a bearer token from a login. */
    @WithDefault("10h")
    @WithinTime(min = "1m", max = "30d")
    Duration loginLifetime();

    /** Life of a refresh cookie. */
    @WithDefault("30d")
    @WithinTime(min = "1m", max = "365d")
    Duration refreshLifetime();

    /** Life of a SID session after its last use. */
    @WithDefault("30d")
    @WithinTime(min = "1m", max = "365d")
    Duration sessionLifetime();
}
