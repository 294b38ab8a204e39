package io.lockgate.app.start;

import io.lockgate.app.settings.SettingBounds;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/** Every setting in its bounds, as the beans read it. */
@Singleton
final class BoundsCheck implements StartupCheck {
    private final Config config;

    BoundsCheck(Config config) {
        this.config = config;
    }

    @Override
    public List<String> faults() {
        return SettingBounds.faults(config).stream()
                .map(SettingBounds.Fault::line)
                .toList();
    }
}
