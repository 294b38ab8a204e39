package io.lockgate.door.admin;

import io.lockgate.route.Caller;
import java.util.Optional;

/** Says who sent the current request of this door, in the route room's terms. */
public interface AdminCallers {
    /**
     * The caller; empty when the credential is good but its user has been deleted.
     *
     * @throws io.quarkus.security.AuthenticationFailedException when there is no good credential
     */
    Optional<Caller> current();
}
