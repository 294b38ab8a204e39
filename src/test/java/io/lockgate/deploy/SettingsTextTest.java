package io.lockgate.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.lockgate.app.settings.SettingsCatalog;
import io.smallrye.config.ConfigMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The texts about settings that are generated from the mappings. With {@code -Dupdate} the test writes them, without it
 * the test fails when they differ.
 */
class SettingsTextTest {
    private static final Path ENVIRONMENT = Path.of("deploy", "systemd", "lockgate.env");
    private static final Path PAGE = Path.of("docs", "settings.md");
    private static final String BEGIN = "<!-- generated: ";
    private static final String END = "<!-- end of generated -->\n";
    private static final String GENERATED =
            "# ==== From here on generated from the mappings (CONTRIBUTING.md, \"A setting\") ====\n";

    @Test
    @DisplayName("Every mapping is in the catalog, so that its bounds are checked")
    void catalogIsComplete() {
        List<Class<?>> mappings = new ArrayList<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.lockgate")) {
            if (type.isAnnotatedWith(ConfigMapping.class)) {
                mappings.add(type.reflect());
            }
        }
        assertThat(SettingsCatalog.MAPPINGS).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(mappings);
    }

    @Test
    @DisplayName("The environment file has the effects, bounds and defaults of the mappings")
    void environmentFileIsThatOfTheMappings() throws IOException {
        same(ENVIRONMENT, head() + GENERATED + SettingsText.environment());
    }

    @Test
    @DisplayName("The page of settings is generated from the mappings and the environment file")
    void pageIsThatOfTheMappings() throws IOException {
        String page = Files.readString(PAGE);
        page = replace(page, "mappings", SettingsText.tables());
        page = replace(page, "lockgate.env", SettingsText.tablesOfQuarkus(head()));
        same(PAGE, page);
    }

    @Test
    @DisplayName("A setting of Quarkus that a document names is in the environment file")
    void environmentFileHasWhatTheDocumentsName() throws IOException {
        Set<String> named = new TreeSet<>();
        try (Stream<Path> pages = Files.list(Path.of("docs"))) {
            for (Path page : Stream.concat(Stream.of(Path.of("README.md")), pages)
                    .filter(path -> path.toString().endsWith(".md"))
                    .toList()) {
                named.addAll(found("\\bQUARKUS_[A-Z0-9_]+", Files.readString(page)));
            }
        }
        assertThat(named).hasSizeGreaterThan(5);
        assertThat(found("(?m)(?<=^#?)QUARKUS_[A-Z0-9_]+(?==)", head())).containsAll(named);
    }

    private static Set<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toSet());
    }

    private static String head() throws IOException {
        String file = Files.readString(ENVIRONMENT);
        assertThat(file).contains(GENERATED);
        return file.substring(0, file.indexOf(GENERATED));
    }

    private static String replace(String page, String source, String text) {
        String begin = BEGIN + source + " -->\n";
        int from = page.indexOf(begin) + begin.length();
        assertThat(page).contains(begin);
        return page.substring(0, from) + text + page.substring(page.indexOf(END, from));
    }

    private static void same(Path file, String wanted) throws IOException {
        if (System.getProperty("update") != null) {
            Files.writeString(file, wanted);
        }
        assertThat(Files.readString(file))
                .as(file + " (./mvnw test -Dtest=SettingsTextTest -Dupdate writes it)")
                .isEqualTo(wanted);
    }
}
