package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the production jar is made of. */
class ShippedIT {
    private static final Path SHIPPED = Path.of("target", "quarkus-app");

    @Test
    @DisplayName("The production jar has neither the classes nor the libraries of dev mode")
    void holdsNothingOfDevMode() throws IOException {
        assumeThat(SHIPPED).as("a native build has no jar").isDirectory();
        try (Stream<Path> files = Files.walk(SHIPPED)) {
            List<Path> jars =
                    files.filter(file -> file.toString().endsWith(".jar")).toList();

            assertThat(jars).noneMatch(jar -> jar.getFileName().toString().contains("embedded-"));
            List<String> classes = jars.stream().flatMap(ShippedIT::entries).toList();
            assertThat(classes)
                    .contains("io/lockgate/app/start/Main.class")
                    .noneMatch(name -> name.startsWith("io/lockgate/app/dev/")
                            || name.startsWith("redis/embedded/")
                            || name.startsWith("io/zonky/"));
        }
    }

    private static Stream<String> entries(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(ZipEntry::getName).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
