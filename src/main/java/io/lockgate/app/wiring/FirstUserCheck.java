package io.lockgate.app.wiring;

import io.lockgate.app.settings.BootstrapSettings;
import io.lockgate.app.start.StartupCheck;
import io.lockgate.identity.IdentityService;
import io.lockgate.identity.Passwords;
import io.quarkus.runtime.LaunchMode;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whether the first user, if there is to be one, has a name and a password that can be used. */
@Singleton
final class FirstUserCheck implements StartupCheck {
    private final BootstrapSettings settings;

    FirstUserCheck(BootstrapSettings settings) {
        this.settings = settings;
    }

    @Override
    public List<String> faults() {
        if (settings.username().isEmpty() && settings.password().isEmpty()) {
            return List.of();
        }
        String name = settings.username().orElse("");
        String password = settings.password().orElse("");
        if (name.isEmpty()
                || password.isEmpty()
                || name.getBytes(StandardCharsets.UTF_8).length > IdentityService.MAX_NAME_BYTES
                || password.getBytes(StandardCharsets.UTF_8).length > Passwords.MAX_BYTES) {
            return List.of("lockgate.bootstrap.admin.username and lockgate.bootstrap.admin.password (in the environment"
                    + " LOCKGATE_BOOTSTRAP_ADMIN_USERNAME and LOCKGATE_BOOTSTRAP_ADMIN_PASSWORD) must be"
                    + " set both or not at all, the name to at most " + IdentityService.MAX_NAME_BYTES
                    + " bytes, the password to at most " + Passwords.MAX_BYTES);
        }
        // Dev mode and tests have their demo user.
        return LaunchMode.current() == LaunchMode.NORMAL && !Passwords.isLongEnough(password)
                ? List.of("lockgate.bootstrap.admin.password (LOCKGATE_BOOTSTRAP_ADMIN_PASSWORD) is shorter than "
                        + Passwords.MIN_CHARACTERS + " characters")
                : List.of();
    }
}
