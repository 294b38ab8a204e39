package io.lockgate.app.start;

import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/** Faults of ports and certificates that Quarkus would find too late, and tell with a stack trace. */
@Singleton
final class ListeningCheck implements StartupCheck {
    private static final List<String> FILES =
            List.of("quarkus.http.ssl.certificate.files", "quarkus.http.ssl.certificate.key-files");

    private final Config config;

    ListeningCheck(Config config) {
        this.config = config;
    }

    @Override
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        // 0 is any free port.
        Optional<Integer> operators = port("quarkus.management.port").filter(port -> port != 0);
        if (operators.isPresent() && operators.equals(port("quarkus.http.port"))) {
            faults.add("quarkus.management.port is quarkus.http.port, " + operators.get() + ": each wants its own");
        }
        for (String name : FILES) {
            for (String file : config.getOptionalValues(name, String.class).orElse(List.of())) {
                if (!Files.isReadable(Path.of(file))) {
                    faults.add(name + ": " + file + " cannot be read");
                }
            }
        }
        return faults;
    }

    private Optional<Integer> port(String name) {
        return config.getOptionalValue(name, Integer.class);
    }
}
