package io.lockgate.boot;

import io.lockgate.door.distribution.ErrorFormat;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Wires the distribution door to its settings. */
@Singleton
final class DistributionRoom {
    // An enum has no proxy, so it is a bean of its own kind.
    @Produces
    @Singleton
    ErrorFormat errorFormat(DistributionSettings settings) {
        return settings.errorFormat();
    }
}
