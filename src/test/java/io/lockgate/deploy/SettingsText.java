package io.lockgate.deploy;

import io.lockgate.app.settings.SettingsCatalog;
import io.lockgate.app.settings.Within;
import io.lockgate.app.settings.WithinTime;
import io.lockgate.testing.GatewayProcess;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.WithDefault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The settings of Lockgate as the documentation tells them, from the mappings: effects out of the Javadoc in their
 * sources, defaults and bounds out of their annotations.
 */
final class SettingsText {
    private static final Path SOURCES = Path.of("src", "main", "java", "io", "lockgate", "app", "settings");
    private static final int WIDTH = 118;

    private static final String JAVADOC = "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*";
    private static final String ANNOTATIONS = "(?:@\\w+(?:\\([^)]*\\))?\\s+)*";
    private static final Pattern MAPPING =
            Pattern.compile(JAVADOC + ANNOTATIONS + "public interface \\w+", Pattern.DOTALL);
    private static final Pattern METHOD =
            Pattern.compile(JAVADOC + ANNOTATIONS + "[\\w.]+(?:<[\\w<>]+>)?\\s+(\\w+)\\(\\);", Pattern.DOTALL);
    private static final Pattern CODE = Pattern.compile("\\{@code ([^}]*)}");
    private static final Pattern SETTING = Pattern.compile("lockgate(\\.[a-z-]+)+");

    /**
     * One setting.
     *
     * @param effect Javadoc
     * @param value default; empty where there is none
     * @param bounds such as {@code 1 to 100}; empty where there are none
     */
    private record Setting(String name, String effect, String value, String bounds) {}

    private SettingsText() {}

    /** Those of one prefix under their heading, in the order of the catalog and of the sources. */
    private static Map<String, List<Setting>> sections(Map<String, String> headings) {
        Map<String, List<Setting>> sections = new LinkedHashMap<>();
        for (Class<?> mapping : SettingsCatalog.MAPPINGS) {
            String source = source(mapping);
            String prefix = SettingsCatalog.prefix(mapping);
            headings.put(prefix, javadoc(first(MAPPING, source).group(1)));
            List<Setting> settings = sections.computeIfAbsent(prefix, key -> new ArrayList<>());
            List<Setting> found = METHOD.matcher(source)
                    .results()
                    .map(method -> setting(mapping, method.group(2), javadoc(method.group(1))))
                    .toList();
            if (found.size() != mapping.getDeclaredMethods().length) {
                throw new IllegalStateException("a setting of " + mapping + " has no Javadoc that can be read");
            }
            settings.addAll(found);
        }
        return sections;
    }

    private static Setting setting(Class<?> mapping, String method, String effect) {
        try {
            Method setting = mapping.getDeclaredMethod(method);
            WithDefault value = setting.getAnnotation(WithDefault.class);
            return new Setting(
                    SettingsCatalog.name(mapping, setting),
                    effect,
                    value == null ? "" : value.value(),
                    bounds(setting));
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String bounds(Method setting) {
        Within number = setting.getAnnotation(Within.class);
        WithinTime time = setting.getAnnotation(WithinTime.class);
        if (number != null) {
            return text(number.min()) + " to " + text(number.max());
        }
        return time == null ? "" : text(time.min()) + " to " + text(time.max());
    }

    private static String text(long number) {
        return number == (1L << 53) - 1 ? "2^53-1" : String.format(Locale.ROOT, "%,d", number);
    }

    private static String text(String duration) {
        Duration time = DurationConverter.parseDuration(duration);
        if (time.isPositive() && time.toMillis() % 1_000 != 0) {
            return time.compareTo(Duration.ofSeconds(1)) < 0
                    ? time.toMillis() + " ms"
                    : String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1_000.0);
        }
        if (time.toDays() > 0 && time.equals(Duration.ofDays(time.toDays()))) {
            return time.toDays() == 1 ? "1 day" : time.toDays() + " days";
        }
        if (time.toHours() > 0 && time.equals(Duration.ofHours(time.toHours()))) {
            return time.toHours() + " h";
        }
        return time.toMinutes() > 0 && time.equals(Duration.ofMinutes(time.toMinutes()))
                ? time.toMinutes() + " min"
                : time.toSeconds() + " s";
    }

    private static String source(Class<?> mapping) {
        try {
            return Files.readString(SOURCES.resolve(mapping.getSimpleName() + ".java"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MatchResult first(Pattern pattern, String text) {
        return pattern.matcher(text).results().findFirst().orElseThrow();
    }

    private static String javadoc(String text) {
        return text.replaceAll("(?m)^\\s*\\*", " ").replaceAll("\\s+", " ").strip();
    }

    /** What is generated of deploy/systemd/lockgate.env. */
    static String environment() {
        Map<String, String> headings = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder();
        sections(headings).forEach((prefix, settings) -> {
            text.append('\n');
            comment(text, "---- " + prefix + ": " + plain(String.valueOf(headings.get(prefix))));
            for (Setting setting : settings) {
                comment(text, plain(setting.effect()));
                if (!setting.bounds().isEmpty()) {
                    comment(text, "From " + setting.bounds() + ".");
                }
                text.append('#')
                        .append(GatewayProcess.variable(setting.name()))
                        .append('=')
                        .append(setting.value())
                        .append('\n');
            }
        });
        return text.toString();
    }

    /** In a file of variables a setting is named as one. */
    private static String plain(String javadoc) {
        return CODE.matcher(javadoc)
                .replaceAll(code -> SETTING.matcher(code.group(1)).matches()
                        ? GatewayProcess.variable(code.group(1))
                        : code.group(1).replace("$", "\\$"));
    }

    private static void comment(StringBuilder text, String comment) {
        int from = 0;
        while (from < comment.length()) {
            int to = comment.length() - from <= WIDTH ? comment.length() : comment.lastIndexOf(' ', from + WIDTH);
            text.append("# ").append(comment, from, to).append('\n');
            from = to + 1;
        }
    }

    /** What is generated of docs/settings.md for the settings of Lockgate. */
    static String tables() {
        Map<String, String> headings = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder();
        sections(headings).forEach((prefix, settings) -> {
            text.append("\n### ").append(prefix).append("\n\n");
            text.append(markdown(String.valueOf(headings.get(prefix)))).append("\n\n");
            text.append("| setting | default | bounds | effect |\n|---|---|---|---|\n");
            for (Setting setting : settings) {
                text.append("| `").append(setting.name()).append("` | ");
                text.append(setting.value().isEmpty() ? "none" : "`" + setting.value() + "`");
                text.append(" | ").append(setting.bounds()).append(" | ");
                text.append(markdown(setting.effect())).append(" |\n");
            }
        });
        return text.toString();
    }

    private static String markdown(String javadoc) {
        return CODE.matcher(javadoc.replace("|", "\\|"))
                .replaceAll(code -> "`" + code.group(1).replace("$", "\\$") + "`");
    }

    /**
     * What is generated of docs/settings.md for the settings of Quarkus.
     *
     * @param head the hand-written part of deploy/systemd/lockgate.env: sections, in them comments, under each its
     *     variables
     */
    static String tablesOfQuarkus(String head) {
        StringBuilder text = new StringBuilder();
        List<String> comment = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (String line : (head + "\n").lines().toList()) {
            Optional<MatchResult> variable = Pattern.compile("#?(QUARKUS_[A-Z0-9_]+)=(.*)")
                    .matcher(line)
                    .results()
                    .findFirst();
            if (variable.isPresent()) {
                names.add("`" + variable.get().group(1) + "`");
                String value = variable.get().group(2);
                values.add(value.isEmpty() ? "none" : "`" + value + "`");
                continue;
            }
            if (!names.isEmpty()) {
                row(text, comment, names, values);
            }
            if (line.startsWith("# ---- ")) {
                String title = line.replace("#", "").replace("-", "").strip();
                text.append("\n### ")
                        .append(title)
                        .append("\n\n| variable | default or example | effect |\n|---|---|---|\n");
                comment.clear();
            } else if (line.startsWith("# ")) {
                comment.add(line.substring(2));
            } else {
                comment.clear();
            }
        }
        if (!names.isEmpty()) {
            row(text, comment, names, values);
        }
        return text.toString();
    }

    private static void row(StringBuilder text, List<String> comment, List<String> names, List<String> values) {
        text.append("| ").append(String.join("<br>", names));
        text.append(" | ").append(String.join("<br>", values));
        text.append(" | ").append(String.join(" ", comment).replace("|", "\\|")).append(" |\n");
        comment.clear();
        names.clear();
        values.clear();
    }
}
