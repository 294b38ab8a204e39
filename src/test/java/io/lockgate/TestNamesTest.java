package io.lockgate;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import net.jqwik.api.Label;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;

/** A failure in a report reads as the sentence that does not hold. */
class TestNamesTest {
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
        JavaClasses tests = new ClassFileImporter()
                .withImportOption(new ImportOption.OnlyIncludeTests())
                .importPackages("io.lockgate")
                .that(new DescribedPredicate<>("not the unnamed example") {
                    @Override
                    public boolean test(JavaClass type) {
                        return !type.isEquivalentTo(Unnamed.class);
                    }
                });
        NAMED.check(tests);
    }

    @Test
    @DisplayName("A test method without a display name, or with a word for it, breaks the rule")
    void unnamedIsFound() {
        JavaClasses unnamed = new ClassFileImporter().importClasses(Unnamed.class);
        assertThat(NAMED.evaluate(unnamed).getFailureReport().getDetails()).hasSize(2);
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
