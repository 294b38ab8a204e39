package io.lockgate.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The parameters of a run: defaults, the user's file, the environment and options, each over the one before. */
final class Parameters {
    /** The file with all defaults, deploy/loadtest/load.properties. */
    private static final String DEFAULTS = "/load.properties";

    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private final Map<String, String> values;

    private Parameters(Map<String, String> values) {
        this.values = values;
    }

    /** @throws Fault for a name that is no parameter, or a value that is none of its kind */
    static Parameters of(List<String> options, Map<String, String> environment) {
        Map<String, String> values = defaults();
        Map<String, String> given = new TreeMap<>();
        for (int i = 0; i < options.size(); i += 2) {
            String option = options.get(i);
            if (!option.startsWith("--") || i + 1 == options.size()) {
                throw new Fault("an option is --NAME VALUE, and '" + option + "' is none; see --help");
            }
            given.put(option.substring(2), options.get(i + 1));
        }
        String file = given.remove("file");
        if (file != null) {
            put(values, read(Path.of(file)), "the file " + file);
        }
        Map<String, String> variables = new TreeMap<>();
        values.keySet().forEach(name -> {
            String value = environment.get(variable(name));
            // Kubernetes has an empty variable for a key of a secret that is there but empty.
            if (value != null && !value.isEmpty()) {
                variables.put(name, value);
            }
        });
        put(values, variables, "the environment");
        put(values, given, "the options");
        Parameters parameters = new Parameters(values);
        parameters.check();
        return parameters;
    }

    static String variable(String name) {
        return "LOAD_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** The file with all defaults, as it stands. */
    static String text() {
        try (InputStream in = open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InputStream open() {
        @Nullable InputStream in = Parameters.class.getResourceAsStream(DEFAULTS);
        if (in == null) {
            throw new IllegalStateException("no " + DEFAULTS + " among the classes");
        }
        return in;
    }

    private static Map<String, String> defaults() {
        try (Reader in = new InputStreamReader(open(), StandardCharsets.UTF_8)) {
            return load(in);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> read(Path file) {
        try (Reader in = Files.newBufferedReader(file)) {
            return load(in);
        } catch (IOException | IllegalArgumentException e) {
            throw new Fault("the file " + file + " cannot be read: " + e);
        }
    }

    private static Map<String, String> load(Reader in) throws IOException {
        Properties properties = new Properties();
        properties.load(in);
        Map<String, String> values = new TreeMap<>();
        properties
                .stringPropertyNames()
                .forEach(name -> values.put(name, properties.getProperty(name).strip()));
        return values;
    }

    private static void put(Map<String, String> values, Map<String, String> given, String where) {
        given.forEach((name, value) -> {
            if (values.replace(name, value) == null) {
                throw new Fault("'" + name + "' in " + where + " is no parameter; the parameters are "
                        + String.join(", ", values.keySet()));
            }
        });
    }

    /** Reads each value once, so that a wrong one is told before anything is sent. */
    private void check() {
        urls();
        scenario();
        if (rate() <= 0 || rate() > 100_000) {
            throw wrong("rate", "a number above 0, at most 100,000");
        }
        atLeast("duration", Duration.ofSeconds(1));
        atLeast("request-timeout", Duration.ofMillis(100));
        time("warm-up");
        time("max-p99");
        time("show-report");
        atLeast("lease", Duration.ofSeconds(1));
        if (time("lease").compareTo(Duration.ofHours(24)) > 0 || time("lease").compareTo(time("hold")) <= 0) {
            throw wrong("lease", "a time longer than hold, at most 24h");
        }
        List.of("files", "header-files").forEach(name -> number(name, 1, FileNames.IDS_OF_A_KIND));
        List.of("records", "record-size", "hot-records", "header-size").forEach(name -> number(name, 1, 1_000_000));
        List.of(
                        "header-writers",
                        "max-told-to-wait",
                        "mixed-files",
                        "mixed-distribution",
                        "mixed-admin",
                        "mixed-courses")
                .forEach(name -> number(name, 0, 100));
        number("users", 1, 1000);
        number("batch-size", 1, 100);
        number("list-rows", 1, 1_000_000);
        number("list-limit", 1, 10_000);
        number("leases", 1, 1_000_000);
        number("report-port", 1, 65_535);
        // Ids from 2^62 on belong to paths.
        number("first-file", 0, (1L << 62) - 1_000_000_000);
        if (!List.of("id", "path").contains(text("file-names"))) {
            throw wrong("file-names", "'id' or 'path'");
        }
        if (!text("directory").matches("/[^/]+")) {
            throw wrong("directory", "a slash and one name");
        }
    }

    List<String> urls() {
        List<String> urls = Arrays.stream(text("url").split(","))
                .map(url -> url.strip().replaceAll("/+$", ""))
                .toList();
        for (String url : urls) {
            if (!url.matches("https?://[^/?#]+")) {
                throw wrong("url", "http:// or https://, a host and a port, and nothing behind them");
            }
            try {
                URI.create(url);
            } catch (IllegalArgumentException e) {
                throw wrong("url", "a URL");
            }
        }
        return urls;
    }

    Scenario scenario() {
        return Arrays.stream(Scenario.values())
                .filter(each -> each.title().equals(text("scenario")))
                .findFirst()
                .orElseThrow(() -> wrong("scenario", "one of " + Scenario.titles()));
    }

    double rate() {
        try {
            return Double.parseDouble(text("rate"));
        } catch (NumberFormatException e) {
            throw wrong("rate", "a number");
        }
    }

    String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no parameter " + name);
        }
        return value;
    }

    int number(String name) {
        return Math.toIntExact(number(name, Integer.MIN_VALUE, Integer.MAX_VALUE));
    }

    long number(String name, long from, long to) {
        try {
            long value = Long.parseLong(text(name));
            if (value >= from && value <= to) {
                return value;
            }
        } catch (NumberFormatException e) {
            // as one that is out of bounds
        }
        throw wrong(name, "a number from " + from + " to " + to);
    }

    Duration time(String name) {
        Matcher matcher = TIME.matcher(text(name));
        if (!matcher.matches()) {
            throw wrong(name, "a time such as 500ms, 30s, 5m or 1h");
        }
        long value = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(value);
            case "s" -> Duration.ofSeconds(value);
            case "m" -> Duration.ofMinutes(value);
            default -> Duration.ofHours(value);
        };
    }

    private void atLeast(String name, Duration least) {
        if (time(name).compareTo(least) < 0) {
            throw wrong(name, "a time of at least " + least.toMillis() + "ms");
        }
    }

    private Fault wrong(String name, String wanted) {
        // No value of a credential gets here: none of them is judged.
        return new Fault("parameter '" + name + "' is '" + text(name) + "', and must be " + wanted);
    }
}
