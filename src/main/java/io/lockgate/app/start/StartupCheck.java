package io.lockgate.app.start;

import java.util.List;

/**
 * Something that must be true of the settings before the gateway touches anything. A bean of this type is asked at
 * every start because it is there: {@link StartupChecks} knows none of them by name.
 */
@FunctionalInterface
public interface StartupCheck {
    /** One line for each fault, which names the setting; never a value that may be secret. */
    List<String> faults();
}
