package io.lockgate.telemetry;

import io.lockgate.identity.Verifications;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts where answers about tokens come from: {@code lockgate.identity.verifications}, by {@code source}. */
public final class IdentityMetrics implements Verifications.Observer {
    private final Counter cache;
    private final Counter store;
    private final Counter lastKnown;

    public IdentityMetrics(MeterRegistry meters) {
        this.cache = counter(meters, "cache");
        this.store = counter(meters, "store");
        this.lastKnown = counter(meters, "last-known");
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

    private static Counter counter(MeterRegistry meters, String source) {
        return Counter.builder("lockgate.identity.verifications")
                .description("Tokens checked, by where the answer came from.")
                .tag("source", source)
                .register(meters);
    }
}
