package io.lockgate.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** What figures were measured with. */
final class Machine {
    private Machine() {}

    /** @param packages Debian's, whose versions are told where they are installed */
    static String text(List<String> packages) {
        List<String> versions = packages.stream()
                .map(name -> said("dpkg-query", "-W", "-f=${Package} ${Version}", name))
                .filter(text -> !text.isBlank() && !text.contains("no packages found"))
                .toList();
        return String.format(
                Locale.ROOT,
                "Commit %s; %d processors, load %.1f before the run; %s.",
                said("git", "describe", "--always", "--dirty"),
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                String.join(", ", versions));
    }

    /** What a command prints; nothing when there is no such command. */
    static String said(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
                return String.join("\n", reader.readAllLines());
            }
        } catch (IOException e) {
            return "";
        }
    }
}
