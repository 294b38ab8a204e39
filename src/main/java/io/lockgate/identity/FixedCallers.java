package io.lockgate.identity;

import io.lockgate.range.Caller;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Everybody is one fixed principal with all permissions. It stands here until the gateway checks credentials, so
 * outside of dev mode and tests it must be asked for by name: {@link IdentitySettings#fixedPrincipal()}.
 */
@Singleton
class FixedCallers implements Callers {
    private final Caller everybody;

    FixedCallers(IdentitySettings settings) {
        this.everybody = settings.fixedPrincipal()
                .map(principal -> new Caller(principal, true, true, true))
                .orElseThrow(
                        () -> new ConfigurationException("lockgate.identity.fixed-principal is not set: this version"
                                + " checks no credentials yet, so whoever starts it must name the one"
                                + " principal that every"
                                + " caller will be (for example LOCKGATE_IDENTITY_FIXED_PRINCIPAL=dev),"
                                + " and guard the port"));
    }

    /** Makes the bean, and with it the check, part of the start. */
    void start(@Observes StartupEvent event) {}

    @Override
    public Caller current() {
        return everybody;
    }
}
