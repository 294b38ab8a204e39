package io.lockgate.boot;

import io.quarkus.runtime.LaunchMode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** Where the neighbours are has no default. Said before anything starts: the libraries would say it with a stack trace. */
final class RequiredSettings {
    private static final List<String> NAMES = List.of(
            "quarkus.redis.hosts",
            "quarkus.datasource.reactive.url",
            "quarkus.datasource.jdbc.url",
            "quarkus.datasource.username");

    private RequiredSettings() {}

    /** One line that names what is missing, or empty. */
    static Optional<String> missing() {
        return LaunchMode.current() == LaunchMode.NORMAL ? missing(ConfigProvider.getConfig()) : Optional.empty();
    }

    static Optional<String> missing(Config config) {
        List<String> missing = NAMES.stream()
                .filter(name -> config.getOptionalValue(name, String.class).isEmpty())
                .map(name -> name.toUpperCase(Locale.ROOT).replace('.', '_'))
                .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("lockgate: not set: " + String.join(", ", missing) + " (README.md, \"Run the jar\")");
    }
}
