package io.lockgate.app.start;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Keeps secrets out of what is said about a failed start: dependencies, drivers and the configuration library word
 * their messages as they like, and some repeat the address they were given, or the value.
 */
final class SecretRedactor {
    private static final String HIDDEN = "***";
    /** Up to the last @: a password that was not encoded may hold others, and slashes. */
    private static final Pattern IN_ADDRESS = Pattern.compile("(://)[^\\s\"']*@");

    /** What is left of an address in the words of a driver: user:password@host. */
    private static final Pattern BEFORE_HOST = Pattern.compile("(^|[\\s\"'(])[^\\s\"':/@(]+:(?:(?!//)[^\\s\"'])*@");

    private static final Pattern IN_QUERY = Pattern.compile("(?i)(password=)[^&\\s\"']+");

    /**
     * Settings of the build alone: {@code from-secret} is the name of an object of a cluster, and it would be taken out
     * of every message.
     */
    private static final String OF_THE_BUILD = "quarkus.kubernetes.";

    /** A shorter one would take letters out of every message. */
    private static final int SHORTEST = 4;

    private final List<String> values;

    SecretRedactor(Config config) {
        values = new ArrayList<>();
        for (String name : config.getPropertyNames()) {
            String lower = name.toLowerCase(Locale.ROOT);
            if ((lower.endsWith("password") || lower.endsWith("secret")) && !lower.startsWith(OF_THE_BUILD)) {
                config.getOptionalValue(name, String.class)
                        .filter(value -> value.length() >= SHORTEST)
                        .ifPresent(values::add);
            }
        }
        values.sort((a, b) -> b.length() - a.length());
    }

    /** {@code text} without the secrets of the present configuration, as far as there is one. */
    static String hide(String text) {
        try {
            return new SecretRedactor(ConfigProvider.getConfig()).without(text);
        } catch (RuntimeException | LinkageError e) {
            // The configuration itself is what is wrong.
            return shapes(text);
        }
    }

    String without(String text) {
        String clean = shapes(text);
        for (String value : values) {
            clean = clean.replace(value, HIDDEN);
        }
        return clean;
    }

    private static String shapes(String text) {
        String clean = IN_ADDRESS.matcher(text).replaceAll("$1" + HIDDEN + "@");
        clean = BEFORE_HOST.matcher(clean).replaceAll("$1" + HIDDEN + "@");
        return IN_QUERY.matcher(clean).replaceAll("$1" + HIDDEN);
    }
}
