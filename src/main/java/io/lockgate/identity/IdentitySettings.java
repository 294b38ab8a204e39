package io.lockgate.identity;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** Settings of who is let in: {@code lockgate.identity.*}. */
@ConfigMapping(prefix = "lockgate.identity")
public interface IdentitySettings {
    /**
     * The principal that every caller is taken for, with all permissions. Only for as long as the gateway checks no
     * credentials; {@code dev} in dev mode and tests, nowhere else a default. Without it the gateway does not start.
     */
    Optional<String> fixedPrincipal();
}
