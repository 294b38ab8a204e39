package io.lockgate.app.start;

import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Whether the proxies whose word on a client's address is taken are named. Otherwise Quarkus would believe everybody.
 */
@Singleton
final class ProxyCheck implements StartupCheck {
    private static final Set<String> EVERYBODY = Set.of("0.0.0.0/0", "::/0");

    private final boolean forwarding;
    private final List<String> trusted;

    ProxyCheck(
            @ConfigProperty(name = "quarkus.http.proxy.proxy-address-forwarding") boolean forwarding,
            @ConfigProperty(name = "quarkus.http.proxy.trusted-proxies") Optional<List<String>> trusted) {
        this.forwarding = forwarding;
        this.trusted = trusted.orElse(List.of());
    }

    @Override
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        if (forwarding && trusted.isEmpty()) {
            faults.add("quarkus.http.proxy.proxy-address-forwarding is on, but no proxy is trusted:"
                    + " set quarkus.http.proxy.trusted-proxies");
        }
        trusted.stream()
                .filter(EVERYBODY::contains)
                .forEach(all -> faults.add("quarkus.http.proxy.trusted-proxies trusts everybody (" + all
                        + "): anyone could claim any address"));
        return faults;
    }
}
