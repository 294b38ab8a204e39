package io.lockgate.app.settings;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** The first user, made at start when there is no user at all. */
@ConfigMapping(prefix = "lockgate.bootstrap.admin")
@RegisterForReflection
public interface BootstrapSettings {
    /** Name of an administrator with all permissions. */
    Optional<String> username();

    /** Its password, at least 8 characters; of no use once the user is there. */
    Optional<String> password();
}
