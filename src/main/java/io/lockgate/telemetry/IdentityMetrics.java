package io.lockgate.telemetry;

import io.lockgate.identity.CredentialCache;
import io.lockgate.identity.IssuerKeys;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Counts where answers about tokens come from: {@code lockgate.identity.verifications}, by {@code source}; look-ups
 * refused because too many unknown ones came at once: {@code lockgate.identity.refused}; and fetches of the issuer's
 * keys: {@code lockgate.identity.key.fetches}, by {@code outcome}.
 */
public final class IdentityMetrics implements CredentialCache.Observer, IssuerKeys.Observer {
    private final Counter cache;
    private final Counter store;
    private final Counter lastKnown;
    private final Counter absent;
    private final Counter refused;
    private final Counter fetched;
    private final Counter notFetched;

    public IdentityMetrics(MeterRegistry meters) {
        this.cache = counter(meters, "cache");
        this.store = counter(meters, "store");
        this.lastKnown = counter(meters, "last-known");
        this.absent = counter(meters, "absent");
        this.refused = Counter.builder("lockgate.identity.refused")
                .description("Credentials not looked up, since too many unknown ones came at once.")
                .register(meters);
        this.fetched = fetches(meters, "fetched");
        this.notFetched = fetches(meters, "failed");
    }

    @Override
    public void fromCache() {
        cache.increment();
    }

    /** A round trip to Postgres, whether somebody waited for it or not. */
    @Override
    public void fromStore() {
        store.increment();
    }

    @Override
    public void fromLastKnown() {
        lastKnown.increment();
    }

    @Override
    public void fromAbsent() {
        absent.increment();
    }

    @Override
    public void refused() {
        refused.increment();
    }

    @Override
    public void keysFetched() {
        fetched.increment();
    }

    @Override
    public void keysNotFetched() {
        notFetched.increment();
    }

    private static Counter fetches(MeterRegistry meters, String outcome) {
        return Counter.builder("lockgate.identity.key.fetches")
                .description("Fetches of the keys of the issuer of signed tokens, by what became of them.")
                .tag("outcome", outcome)
                .register(meters);
    }

    private static Counter counter(MeterRegistry meters, String source) {
        return Counter.builder("lockgate.identity.verifications")
                .description("Tokens checked, by where the answer came from.")
                .tag("source", source)
                .register(meters);
    }
}
