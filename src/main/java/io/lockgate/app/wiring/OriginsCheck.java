package io.lockgate.app.wiring;

import io.lockgate.app.settings.AdminSettings;
import io.lockgate.app.start.StartupCheck;
import io.lockgate.http.CrossSiteRule;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/** Whether the origins of the admin API are origins, and not too many. */
@Singleton
final class OriginsCheck implements StartupCheck {
    private static final int MAX_ORIGINS = 64;

    private final AdminSettings settings;

    OriginsCheck(AdminSettings settings) {
        this.settings = settings;
    }

    @Override
    public List<String> faults() {
        List<String> given = settings.origins().orElse(List.of());
        List<String> faults = new ArrayList<>();
        if (given.size() > MAX_ORIGINS) {
            faults.add("number of lockgate.admin.origins is " + given.size() + ", but must be between 0 and "
                    + MAX_ORIGINS);
        }
        for (String text : given) {
            if (CrossSiteRule.origin(text).isEmpty()) {
                faults.add("lockgate.admin.origins: '" + text
                        + "' is no origin (wanted: https://host or https://host:port, without a path)");
            }
        }
        return faults;
    }
}
