package io.lockgate.boot;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.ConfigUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/**
 * Where the neighbours are has no default. Said before anything starts: the libraries would say it with
 * a stack trace, or after the database has been migrated.
 */
final class RequiredSettings {
    /** Each setting, and what its value begins with. */
    private static final Map<String, Pattern> SETTINGS = new TreeMap<>(Map.of(
            "quarkus.redis.hosts", Pattern.compile("(rediss?|unix)://.*"),
            "quarkus.datasource.reactive.url", Pattern.compile("(vertx-reactive:)?postgres(ql)?://.*"),
            "quarkus.datasource.jdbc.url", Pattern.compile("jdbc:postgresql:.*"),
            "quarkus.datasource.username", Pattern.compile(".+")));

    private RequiredSettings() {}

    /** One line that names what is missing or malformed, or empty. */
    static Optional<String> fault() {
        return LaunchMode.current() == LaunchMode.NORMAL ? fault(asTheyAreNow()) : Optional.empty();
    }

    /** Read anew: what {@code ConfigProvider} has before the start is, in a native image, what the builder of the image saw. */
    private static Config asTheyAreNow() {
        return ConfigUtils.configBuilder()
                .forClassLoader(Thread.currentThread().getContextClassLoader())
                .build();
    }

    static Optional<String> fault(Config config) {
        List<String> missing = new ArrayList<>();
        List<String> malformed = new ArrayList<>();
        SETTINGS.forEach((name, form) -> {
            String variable = name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
            Optional<String> value = config.getOptionalValue(name, String.class);
            if (value.isEmpty()) {
                missing.add(variable);
            } else if (!form.matcher(value.get()).matches()) {
                malformed.add(variable + " (wanted: " + form + ")");
            }
        });
        redisForm(config).ifPresent(malformed::add);
        if (missing.isEmpty() && malformed.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of("lockgate:" + list(" not set: ", missing) + list(" malformed: ", malformed)
                + " (README.md, \"Run the jar\")");
    }

    /** Several addresses go with a cluster or Sentinels alone, and a socket with neither; other forms would read what is old. */
    private static Optional<String> redisForm(Config config) {
        String form = config.getOptionalValue("quarkus.redis.client-type", String.class)
                .orElse("standalone");
        String hosts =
                config.getOptionalValue("quarkus.redis.hosts", String.class).orElse("");
        return switch (form) {
            case "standalone" ->
                hosts.contains(",")
                        ? Optional.of("QUARKUS_REDIS_HOSTS (several, while QUARKUS_REDIS_CLIENT_TYPE is standalone)")
                        : Optional.empty();
            case "cluster", "sentinel" ->
                hosts.contains("unix:")
                        ? Optional.of("QUARKUS_REDIS_HOSTS (a socket, while QUARKUS_REDIS_CLIENT_TYPE is " + form + ")")
                        : Optional.empty();
            default -> Optional.of("QUARKUS_REDIS_CLIENT_TYPE (wanted: standalone, cluster or sentinel)");
        };
    }

    private static String list(String title, List<String> names) {
        return names.isEmpty() ? "" : title + String.join(", ", names);
    }
}
