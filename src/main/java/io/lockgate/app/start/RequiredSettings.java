package io.lockgate.app.start;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.SmallRyeConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/**
 * The addresses of Redis and Postgres have no defaults. Said before anything starts: the libraries would say it with
 * a stack trace, or after the database has been migrated.
 */
final class RequiredSettings {
    /** Each setting, and what its value begins with. */
    private static final Map<String, Pattern> SETTINGS = new TreeMap<>(Map.of(
            "quarkus.redis.hosts", Pattern.compile("(rediss?|unix)://.*"),
            "quarkus.datasource.reactive.url", Pattern.compile("(vertx-reactive:)?postgres(ql)?://.*"),
            "quarkus.datasource.jdbc.url", Pattern.compile("jdbc:postgresql:.*"),
            "quarkus.datasource.username", Pattern.compile(".+")));

    private static final Set<String> FOR_DEVELOPERS = Set.of("dev", "test");

    private RequiredSettings() {}

    /** One line for each that is missing or malformed. */
    static List<String> faultsOfStart(SmallRyeConfig config) {
        if (LaunchMode.current() != LaunchMode.NORMAL) {
            return List.of();
        }
        List<String> faults = new ArrayList<>(SettingsEncoding.faults(config));
        faults.addAll(faults(config));
        for (String profile : config.getProfiles()) {
            if (FOR_DEVELOPERS.contains(profile)) {
                faults.add("QUARKUS_PROFILE is " + profile
                        + ": it makes a user whose password everybody knows; it is for developers of lockgate");
            }
        }
        return faults;
    }

    /**
     * The settings before the start. What {@code ConfigProvider} has then is, in a native image, what the builder of
     * the image saw.
     */
    static SmallRyeConfig readNow() {
        return ConfigUtils.configBuilder()
                .forClassLoader(Thread.currentThread().getContextClassLoader())
                .build();
    }

    static List<String> faults(Config config) {
        List<String> faults = new ArrayList<>();
        SETTINGS.forEach((name, form) -> {
            String variable = name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
            Optional<String> value = config.getOptionalValue(name, String.class);
            if (value.isEmpty()) {
                faults.add(variable + " is not set (docs/running.md)");
            } else if (!form.matcher(value.get()).matches() || !isUri(value.get())) {
                // Never the value: it may hold a password.
                faults.add(variable + " is malformed (wanted: " + form + ")");
            }
        });
        if (faults.stream().noneMatch(fault -> fault.startsWith("QUARKUS_REDIS_HOSTS"))) {
            redisForm(config).ifPresent(faults::add);
        }
        return faults;
    }

    /**
     * Several addresses go with a cluster or Sentinels alone, and a socket with neither; other forms would read what is
     * old.
     */
    private static Optional<String> redisForm(Config config) {
        String form = config.getOptionalValue("quarkus.redis.client-type", String.class)
                .orElse("standalone");
        String hosts =
                config.getOptionalValue("quarkus.redis.hosts", String.class).orElse("");
        return switch (form) {
            case "standalone" ->
                hosts.contains(",")
                        ? Optional.of(
                                "QUARKUS_REDIS_HOSTS is malformed (several, while QUARKUS_REDIS_CLIENT_TYPE is standalone)")
                        : Optional.empty();
            case "cluster", "sentinel" ->
                hosts.contains("unix:")
                        ? Optional.of("QUARKUS_REDIS_HOSTS is malformed (a socket, while QUARKUS_REDIS_CLIENT_TYPE is "
                                + form + ")")
                        : Optional.empty();
            default -> Optional.of("QUARKUS_REDIS_CLIENT_TYPE is malformed (wanted: standalone, cluster or sentinel)");
        };
    }

    /** Of several servers with commas between, each; what is no address at all, such as a user's name, passes. */
    private static boolean isUri(String value) {
        return !value.contains("://")
                || Arrays.stream(value.split(",")).allMatch(part -> {
                    try {
                        new URI(part.strip());
                        return true;
                    } catch (URISyntaxException e) {
                        return false;
                    }
                });
    }
}
