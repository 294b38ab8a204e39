package io.lockgate.app.start;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Variables of the environment that look like settings of ours and are none: misspelt, or of another version. The
 * configuration library passes over them, and who believes a limit to be set would not learn that it is not.
 */
final class UnknownVariables {
    private static final Pattern SETTING = Pattern.compile("(?m)^#?(LOCKGATE_[A-Z0-9_]+)=");

    /** What Kubernetes tells every pod of the services beside it, such as one called lockgate. */
    private static final Pattern SERVICE =
            Pattern.compile(".+_SERVICE_(HOST|PORT(_.+)?)|.+_PORT_\\d+_(TCP|UDP|SCTP)(_.+)?");

    private static final Pattern PLACE_OF_SERVICE = Pattern.compile("(tcp|udp|sctp)://.*");

    private UnknownVariables() {}

    /** One line for each, in the order of the alphabet; never with its value, which may be a secret. */
    static List<String> among(Map<String, String> environment) {
        Set<String> settings = settings();
        return new TreeMap<>(environment)
                .entrySet().stream()
                        .filter(variable -> variable.getKey().startsWith("LOCKGATE_"))
                        .filter(variable -> !settings.contains(variable.getKey()))
                        .filter(variable -> !SERVICE.matcher(variable.getKey()).matches())
                        .filter(variable ->
                                !PLACE_OF_SERVICE.matcher(variable.getValue()).matches())
                        .map(variable -> variable.getKey() + " is no setting of lockgate (lockgate.env has all)")
                        .toList();
    }

    /** The variables that deploy/systemd/lockgate.env explains, which are all of them. */
    private static Set<String> settings() {
        try (InputStream in = UnknownVariables.class.getResourceAsStream("/lockgate.env")) {
            String file = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return SETTING.matcher(file)
                    .results()
                    .map((MatchResult line) -> line.group(1))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
