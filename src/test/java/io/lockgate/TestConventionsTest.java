package io.lockgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.LockBreakerContract;
import io.lockgate.range.LockQueueContract;
import io.lockgate.range.OpensContract;
import io.lockgate.range.RangeLockTableContract;
import io.lockgate.range.SessionTableContract;
import io.lockgate.range.WaitGraphContract;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Label;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/** A failure in a report reads as the sentence that does not hold, and {@code ./mvnw test} is fast. */
class TestConventionsTest {
    /** The only tests of the fast lane with an application, all on the same one. */
    private static final Set<String> FAST =
            Set.of("StartTest", "FilesApiTest", "RightsTest", "AdminApiTest", "CoursesApiTest", "DistributionApiTest");

    private static final List<Class<?>> CONTRACTS = List.of(
            RangeLockTableContract.class,
            SessionTableContract.class,
            OpensContract.class,
            LockBreakerContract.class,
            LockQueueContract.class,
            WaitGraphContract.class);

    /** The name of a test that proves cases of docs/lock-semantics.md: their ids, then the sentence. */
    private static final Pattern CASE = Pattern.compile("([A-Z]\\d\\d )+.*");

    private static final Pattern CASES_TABLE =
            Pattern.compile("\\| case \\| the sentence it proves \\|\n\\|[-|]+\n((?:\\|.*\n)+)");

    private static List<Class<?>> classes = List.of();

    /** All test classes, without initialising them: some start servers. */
    private static synchronized List<Class<?>> classes() throws IOException, URISyntaxException {
        if (classes.isEmpty()) {
            Path root = Path.of(TestConventionsTest.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            try (Stream<Path> files = Files.walk(root)) {
                classes = files.map(file -> root.relativize(file).toString())
                        .filter(file -> file.endsWith(".class"))
                        .map(file -> file.substring(0, file.length() - ".class".length())
                                .replace('/', '.'))
                        .<Class<?>>map(TestConventionsTest::load)
                        .toList();
            }
        }
        return classes;
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, TestConventionsTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<Method> tests(Class<?> type) {
        return Stream.of(type.getDeclaredMethods())
                .filter(method -> AnnotationSupport.isAnnotated(method, Testable.class));
    }

    private static Stream<Method> unnamed(Class<?> type) {
        return tests(type).filter(method -> !name(method).contains(" "));
    }

    private static String name(Method method) {
        return Optional.ofNullable(method.getAnnotation(DisplayName.class))
                .map(DisplayName::value)
                .or(() -> Optional.ofNullable(method.getAnnotation(Label.class)).map(Label::value))
                .orElse("");
    }

    @Test
    @DisplayName("Every test method has a sentence as its display name")
    void everyTestHasASentence() throws Exception {
        assertThat(classes()).hasSizeGreaterThan(100);
        assertThat(classes().stream()
                        .filter(type -> type != Unnamed.class)
                        .flatMap(TestConventionsTest::unnamed)
                        .map(Method::toString))
                .as("tests without @DisplayName or, in jqwik, @Label")
                .isEmpty();
    }

    @Test
    @DisplayName("A test method without a display name, or with a word for it, is found")
    void unnamedIsFound() {
        assertThat(unnamed(Unnamed.class).map(Method::getName)).containsExactlyInAnyOrder("none", "word");
    }

    @Test
    @DisplayName("A test that starts an application is slow, but for a handful; so is one on a cluster, and a long one")
    void slowTestsAreTagged() throws Exception {
        assertThat(classes().stream()
                        .filter(type -> !tags(type).contains("slow"))
                        .filter(type -> startsAnApplication(type)
                                || tags(type).contains("cluster")
                                || tags(type).contains("long")
                                || tests(type)
                                        .map(TestConventionsTest::tags)
                                        .anyMatch(tags -> tags.contains("long") && !tags.contains("slow")))
                        .map(Class::getName))
                .as("tests of the fast lane that do not belong there")
                .isEmpty();
    }

    private static boolean startsAnApplication(Class<?> type) {
        return type.isAnnotationPresent(QuarkusTest.class) && !FAST.contains(type.getSimpleName());
    }

    @Test
    @DisplayName("A jqwik class has no tags of JUnit, which jqwik ignores")
    void tagsAreSeen() throws Exception {
        assertThat(classes().stream()
                        .filter(type -> !AnnotationSupport.findRepeatableAnnotations(type, Tag.class)
                                .isEmpty())
                        .filter(type -> Stream.of(type.getMethods())
                                .anyMatch(
                                        method -> AnnotationSupport.isAnnotated(method, net.jqwik.api.Property.class)))
                        .map(Class::getName))
                .isEmpty();
    }

    @Test
    @DisplayName("The cases in CONFORMANCE.md are the display names of their tests, each once")
    void casesAreAsListed() throws Exception {
        List<String> listed = rows(Files.readString(Path.of("CONFORMANCE.md")));
        List<String> tested = CONTRACTS.stream()
                .flatMap(TestConventionsTest::tests)
                .map(TestConventionsTest::name)
                .filter(name -> CASE.matcher(name).matches())
                .toList();
        assertThat(tested).hasSizeGreaterThan(50);
        assertThat(listed)
                .as("rows \"| case | sentence |\" of CONFORMANCE.md, against the cases of the contracts")
                .containsExactlyInAnyOrderElementsOf(tested);
    }

    /** The rows of the table of cases, each as its test is named: ids, a space, the sentence. */
    private static List<String> rows(String page) {
        return CASES_TABLE
                .matcher(page)
                .results()
                .flatMap(table -> table.group(1).lines())
                .map(row -> row.substring(2, row.length() - 2).replaceFirst(" \\| ", " "))
                .toList();
    }

    private static Set<String> tags(AnnotatedElement tagged) {
        return Stream.concat(
                        AnnotationSupport.findRepeatableAnnotations(tagged, Tag.class).stream()
                                .map(Tag::value),
                        AnnotationSupport.findRepeatableAnnotations(tagged, net.jqwik.api.Tag.class).stream()
                                .map(net.jqwik.api.Tag::value))
                .collect(Collectors.toSet());
    }

    /** No test: JUnit runs nothing that is only {@link Testable}. */
    static final class Unnamed {
        @Testable
        void none() {}

        @Testable
        @DisplayName("word")
        void word() {}

        @Testable
        @DisplayName("A sentence is a name")
        void sentence() {}
    }
}
