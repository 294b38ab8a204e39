package io.lockgate.app.wiring;

import io.lockgate.app.settings.JwtSettings;
import io.lockgate.app.start.StartupCheck;
import jakarta.inject.Singleton;
import java.util.List;

/** Whether the issuer of signed tokens, if there is one, is set completely and safely. */
@Singleton
final class JwtCheck implements StartupCheck {
    private final JwtSettings settings;

    JwtCheck(JwtSettings settings) {
        this.settings = settings;
    }

    @Override
    public List<String> faults() {
        return JwtWiring.faults(settings);
    }
}
