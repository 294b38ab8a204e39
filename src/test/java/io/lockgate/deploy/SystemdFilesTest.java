package io.lockgate.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.lockgate.app.settings.SettingsCatalog;
import io.lockgate.testing.GatewayProcess;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files for a node without Kubernetes: the systemd unit and its environment. */
class SystemdFilesTest {
    private static final Path DIRECTORY = Path.of("deploy", "systemd");
    private static final Pattern LINE = Pattern.compile("(?m)^#?([A-Z][A-Z0-9_]+)=(.*)$");

    private static Map<String, String> file() throws IOException {
        Map<String, String> values = new TreeMap<>();
        Matcher line = LINE.matcher(Files.readString(DIRECTORY.resolve("lockgate.env")));
        while (line.find()) {
            assertThat(values.put(line.group(1), line.group(2)))
                    .as(line.group(1) + " stands there twice")
                    .isNull();
        }
        return values;
    }

    /** Each setting of ours with its default; empty where it has none. */
    private static Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        for (JavaClass mapping : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.lockgate")) {
            if (mapping.isAnnotatedWith(ConfigMapping.class)) {
                Class<?> type = mapping.reflect();
                for (Method setting : type.getDeclaredMethods()) {
                    if (setting.isSynthetic()) {
                        continue;
                    }
                    WithDefault value = setting.getAnnotation(WithDefault.class);
                    settings.put(
                            GatewayProcess.variable(SettingsCatalog.name(type, setting)),
                            value == null ? "" : value.value());
                }
            }
        }
        return settings;
    }

    @Test
    @DisplayName("The environment file lists every setting with its default, and nothing else")
    void namesEverySetting() throws IOException {
        Map<String, String> ours = file();
        ours.keySet().removeIf(name -> !name.startsWith("LOCKGATE_"));

        assertThat(settings()).hasSizeGreaterThan(30);
        assertThat(ours).isEqualTo(settings());
    }

    @Test
    @DisplayName("It lists the connections that docs/running.md names, and sets what has no default")
    void namesTheNeighbours() throws IOException {
        assertThat(file())
                .containsKeys(
                        "QUARKUS_REDIS_HOSTS",
                        "QUARKUS_DATASOURCE_REACTIVE_URL",
                        "QUARKUS_DATASOURCE_JDBC_URL",
                        "QUARKUS_DATASOURCE_USERNAME",
                        "QUARKUS_DATASOURCE_PASSWORD",
                        "QUARKUS_HTTP_PORT",
                        "QUARKUS_MANAGEMENT_PORT");
        assertThat(Files.readAllLines(DIRECTORY.resolve("lockgate.env")))
                .filteredOn(line -> !line.startsWith("#") && !line.isBlank())
                .extracting(line -> line.substring(0, line.indexOf('=')))
                .containsExactlyInAnyOrder(
                        "QUARKUS_REDIS_HOSTS",
                        "QUARKUS_DATASOURCE_REACTIVE_URL",
                        "QUARKUS_DATASOURCE_JDBC_URL",
                        "QUARKUS_DATASOURCE_USERNAME",
                        "QUARKUS_DATASOURCE_PASSWORD");
    }

    @Test
    @DisplayName("systemd-analyze finds no fault in the unit, where systemd is installed")
    void unitIsSound(@TempDir Path directory) throws Exception {
        assumeThat(Path.of("/usr/bin/systemd-analyze")).exists();
        // The binary is not installed here; everything else is looked at as it stands.
        Path unit = directory.resolve("lockgate.service");
        Files.writeString(
                unit,
                Files.readString(DIRECTORY.resolve("lockgate.service"))
                        .replace("/usr/local/bin/lockgate", "/bin/true"));

        Process verify = new ProcessBuilder("/usr/bin/systemd-analyze", "verify", unit.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(verify.waitFor()).as(said).isZero();
        assertThat(said).doesNotContain(unit.toString());
    }
}
