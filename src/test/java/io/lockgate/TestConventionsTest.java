package io.lockgate;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.properties.HasAnnotations;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.TagList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Tags;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;

/** A failure in a report reads as the sentence that does not hold, and {@code ./mvnw test} is fast. */
class TestConventionsTest {
    /** The only tests of the fast lane with an application, all on the same one. */
    private static final Set<String> FAST =
            Set.of("StartTest", "FilesApiTest", "RightsTest", "AdminApiTest", "CoursesApiTest", "DistributionApiTest");

    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(new ImportOption.OnlyIncludeTests())
            .importPackages("io.lockgate")
            .that(describe("not the unnamed example", type -> !type.isEquivalentTo(Unnamed.class)));

    private static final ArchRule NAMED = methods()
            .that()
            .areAnnotatedWith(Testable.class)
            .or()
            .areMetaAnnotatedWith(Testable.class)
            .should(new ArchCondition<>("have a sentence as @DisplayName or, in jqwik, @Label") {
                @Override
                public void check(JavaMethod method, ConditionEvents events) {
                    boolean sentence = name(method).contains(" ");
                    events.add(new SimpleConditionEvent(method, sentence, method.getFullName() + " has no sentence"));
                }
            });

    @Test
    @DisplayName("Every test method has a sentence as its display name")
    void everyTestHasASentence() {
        NAMED.check(TESTS);
    }

    @Test
    @DisplayName("A test method without a display name, or with a word for it, breaks the rule")
    void unnamedIsFound() {
        JavaClasses unnamed = new ClassFileImporter().importClasses(Unnamed.class);
        assertThat(NAMED.evaluate(unnamed).getFailureReport().getDetails()).hasSize(2);
    }

    @Test
    @DisplayName("A test that starts an application is slow, but for a handful; so is one on a cluster, and a long one")
    void slowTestsAreTagged() {
        Set<String> untagged = new TreeSet<>();
        for (JavaClass type : TESTS) {
            Set<String> tags = tags(type);
            boolean application = type.isAnnotatedWith(QuarkusTest.class) && !FAST.contains(type.getSimpleName());
            boolean slow = tags.contains("slow");
            if (!slow && (application || tags.contains("cluster") || tags.contains("long"))) {
                untagged.add(type.getSimpleName());
            }
            for (JavaMethod method : type.getMethods()) {
                Set<String> own = tags(method);
                if (own.contains("long") && !slow && !own.contains("slow")) {
                    untagged.add(method.getFullName());
                }
            }
        }
        assertThat(untagged)
                .as("tests in the fast lane that do not belong there")
                .isEmpty();
    }

    @Test
    @DisplayName("A jqwik class has jqwik's own tags, since JUnit's are ignored there")
    void tagsAreSeen() {
        classes()
                .that()
                .containAnyMethodsThat(annotatedWith(Property.class))
                .should()
                .notBeAnnotatedWith(Tag.class)
                .andShould()
                .notBeAnnotatedWith(Tags.class)
                .check(TESTS);
    }

    private static Set<String> tags(HasAnnotations<?> tagged) {
        return Stream.of(
                        tagged.tryGetAnnotationOfType(Tag.class).stream().map(Tag::value),
                        tagged.tryGetAnnotationOfType(Tags.class).stream()
                                .flatMap(all -> Stream.of(all.value()))
                                .map(Tag::value),
                        tagged.tryGetAnnotationOfType(net.jqwik.api.Tag.class).stream()
                                .map(net.jqwik.api.Tag::value),
                        tagged.tryGetAnnotationOfType(TagList.class).stream()
                                .flatMap(all -> Stream.of(all.value()))
                                .map(net.jqwik.api.Tag::value))
                .flatMap(Function.identity())
                .collect(Collectors.toSet());
    }

    private static String name(JavaMethod method) {
        return method.tryGetAnnotationOfType(DisplayName.class)
                .map(DisplayName::value)
                .or(() -> method.tryGetAnnotationOfType(Label.class).map(Label::value))
                .orElse("");
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
