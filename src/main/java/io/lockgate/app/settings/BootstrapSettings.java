package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** The first user, made at start when there is none at all. */
@ConfigMapping(prefix = "lockgate.bootstrap.admin")
public interface BootstrapSettings {
    /** Name of an administrator with all permissions ({@code LOCKGATE_BOOTSTRAP_ADMIN_USERNAME}). */
    Optional<String> username();

    /** Its password ({@code LOCKGATE_BOOTSTRAP_ADMIN_PASSWORD}), at least 8 characters; of no use once the user is there. */
    Optional<String> password();
}
