package io.lockgate;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.lockgate.api.files.JsonBody;
import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.identity.Recipient;
import io.lockgate.identity.Waiting;
import io.lockgate.redis.LuaScript;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.mutiny.redis.client.Redis;
import jakarta.persistence.EntityManager;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.core.Response;
import java.io.PrintStream;
import java.util.Formatter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jose4j.jwk.JsonWebKey;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which package may depend on what. A package that does not exist yet passes; a rule that could never fail does not.
 */
class ArchitectureTest {

    private static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.lockgate");

    private static final String[] DOMAINS = {
        "io.lockgate.range..",
        "io.lockgate.file..",
        "io.lockgate.distribution..",
        "io.lockgate.route..",
        "io.lockgate.course..",
        "io.lockgate.event..",
        "io.lockgate.hostname.."
    };

    /** {@code Uni}, and the groups that its own methods return: a chain of two operators already names one. */
    private static final DescribedPredicate<JavaClass> UNI = describe(
            "Uni and what its methods return",
            type -> type.isEquivalentTo(Uni.class)
                    || (type.getPackageName().equals("io.smallrye.mutiny.groups")
                            && type.getSimpleName().startsWith("Uni")));

    private static final DescribedPredicate<JavaClass> PLAIN_JAVA = resideInAnyPackage(DOMAINS)
            .or(resideInAnyPackage("java..", "org.jspecify.."))
            .or(UNI)
            .or(belongToAnyOf(
                    Caller.class,
                    Permission.class,
                    NotPermittedException.class,
                    Recipient.class,
                    IdentityUnavailableException.class,
                    Waiting.class,
                    AuditTrail.class))
            .as(
                    "Java, JSpecify, Uni, other domains, and the caller, recipient, waiting, permissions and audit trail of identity");

    /** Types that only some packages may use; each rule rejects {@link Trespasser}. */
    static Stream<ArchRule> uses() {
        return Stream.of(
                only(
                        "the Redis adapter knows the Redis client",
                        resideInAnyPackage("io.vertx..redis..", "io.quarkus.redis.."),
                        "io.lockgate.redis.."),
                only(
                        "the Postgres adapter knows persistence",
                        resideInAnyPackage(
                                "jakarta.persistence..",
                                "org.hibernate..",
                                "io.quarkus.hibernate..",
                                "io.vertx..pgclient..",
                                "io.vertx..sqlclient..",
                                "java.sql.."),
                        "io.lockgate.postgres.."),
                only(
                        "the JWKS adapter sends HTTP requests",
                        resideInAnyPackage("java.net.http..")
                                .or(describe(
                                        "Vert.x' HTTP client",
                                        type -> type.getName().startsWith("io.vertx.core.http.HttpClient"))),
                        "io.lockgate.jwks.."),
                only("identity knows JWTs", resideInAnyPackage("org.jose4j.."), "io.lockgate.identity.."),
                only(
                        "the APIs, and http that they share, know Jakarta REST",
                        resideInAnyPackage("jakarta.ws.rs.."),
                        "io.lockgate.api..",
                        "io.lockgate.http.."),
                noClasses()
                        .should()
                        .callMethod(String.class, "format", String.class, Object[].class)
                        .orShould()
                        .callMethod(String.class, "formatted", Object[].class)
                        .orShould()
                        .callMethod(String.class, "toUpperCase")
                        .orShould()
                        .callMethod(String.class, "toLowerCase")
                        .orShould()
                        .callMethod(PrintStream.class, "printf", String.class, Object[].class)
                        .orShould()
                        .callConstructor(Formatter.class)
                        .as("no text by the machine's language: its digits and letters are not ASCII everywhere"),
                noClasses()
                        .should()
                        .accessTargetWhere(JavaAccess.Predicates.target(
                                nameMatching("startVirtualThread|ofVirtual|newVirtualThreadPerTaskExecutor")))
                        .as("no virtual thread: a native image refuses to initialise some classes on one"));
    }

    /** Which of our packages may depend on which. */
    static Stream<ArchRule> packages() {
        return Stream.of(
                classes()
                        .that()
                        .resideInAnyPackage(DOMAINS)
                        .should()
                        .onlyDependOnClassesThat(PLAIN_JAVA)
                        .as("a domain knows no API, no adapter and no framework"),
                only(
                        "the wiring knows APIs",
                        resideInAnyPackage("io.lockgate.api.."),
                        "io.lockgate.api..",
                        "io.lockgate.app.."),
                only(
                        "the wiring, and telemetry that wraps ports, know the Redis adapter",
                        resideInAnyPackage("io.lockgate.redis.."),
                        "io.lockgate.redis..",
                        "io.lockgate.telemetry..",
                        "io.lockgate.app.."),
                only(
                        "the wiring, and telemetry that wraps ports, know the Postgres adapter",
                        resideInAnyPackage("io.lockgate.postgres.."),
                        "io.lockgate.postgres..",
                        "io.lockgate.telemetry..",
                        "io.lockgate.app.."),
                only(
                        "the wiring knows the JWKS adapter",
                        resideInAnyPackage("io.lockgate.jwks.."),
                        "io.lockgate.jwks..",
                        "io.lockgate.app.."),
                only(
                        "the wiring knows the DNS adapter",
                        resideInAnyPackage("io.lockgate.dns.."),
                        "io.lockgate.dns..",
                        "io.lockgate.app.."),
                only("nothing else knows the wiring", resideInAnyPackage("io.lockgate.app.."), "io.lockgate.app.."),
                only(
                        "dev mode, which is not shipped, knows its servers",
                        resideInAnyPackage("io.lockgate.app.dev.."),
                        "io.lockgate.app.dev.."),
                noClasses()
                        .that()
                        .resideInAPackage("io.lockgate.http.connection..")
                        .should()
                        .dependOnClassesThat(resideInAnyPackage("io.lockgate..")
                                .and(not(resideInAnyPackage("io.lockgate.http.connection.."))))
                        .as("connections know nothing else of Lockgate"),
                noClasses()
                        .that()
                        .resideInAPackage("io.lockgate.http..")
                        .should()
                        .dependOnClassesThat(resideInAnyPackage("io.lockgate..")
                                .and(not(resideInAnyPackage("io.lockgate.http..", "io.lockgate.identity.."))))
                        .as("http knows no API, no adapter, and of the domains identity alone"),
                noClasses()
                        .that()
                        .resideInAPackage("io.lockgate.identity..")
                        .should()
                        .dependOnClassesThat(resideInAnyPackage("io.lockgate..")
                                .and(not(resideInAnyPackage("io.lockgate.identity.."))))
                        .as("identity knows nothing else of Lockgate"),
                slices().matching("io.lockgate.(*)..").should().beFreeOfCycles(),
                slices().matching("io.lockgate.(**)").should().beFreeOfCycles());
    }

    @ParameterizedTest
    @DisplayName("Each rule holds for the production code")
    @MethodSource({"uses", "packages"})
    void holds(ArchRule rule) {
        rule.allowEmptyShould(true).check(PRODUCTION);
    }

    /** Posts that change nothing: these are given up when their client leaves, as every GET is. */
    private static final Set<String> READING_POSTS = Set.of(
            "DnsResource.resolve",
            "DnsResource.resolveByOldName",
            "FileLocksResource.test",
            "OpensResource.test",
            "RegistryResource.resolve",
            "GrantsResource.check");

    /** A GET that makes a token. */
    private static final String CHANGING_GET = "AuthResource.me";

    @Test
    @DisplayName("A closed connection cancels no call that changes something, in any resource")
    void changingCallsOutliveTheirClient() {
        Set<String> cancellable = new TreeSet<>();
        Set<String> detached = new TreeSet<>();
        for (JavaClass type : PRODUCTION) {
            for (JavaMethod method : type.getMethods()) {
                boolean changes = Stream.of(POST.class, PUT.class, PATCH.class, DELETE.class)
                        .anyMatch(method::isAnnotatedWith);
                if (!changes && !method.isAnnotatedWith(GET.class)) {
                    continue;
                }
                String name = type.getSimpleName() + "." + method.getName();
                boolean detaches = method.tryGetAnnotationOfType(Cancellable.class)
                        .filter(cancel -> !cancel.value())
                        .isPresent();
                if (detaches) {
                    assertThat(method.getRawReturnType().getName()).as(name).isEqualTo(Uni.class.getName());
                    detached.add(name);
                } else if (changes) {
                    cancellable.add(name);
                }
            }
        }

        assertThat(cancellable).isEqualTo(READING_POSTS);
        assertThat(detached).contains(CHANGING_GET, "FileLocksResource.acquire", "RouteLocksResource.lock");
    }

    @ParameterizedTest
    @DisplayName("Each rule rejects a class that uses everything")
    @MethodSource("uses")
    void stopsTrespasser(ArchRule rule) {
        JavaClasses trespasser = new ClassFileImporter().importClasses(Trespasser.class);

        assertThat(rule.evaluate(trespasser).hasViolation()).isTrue();
    }

    @Test
    @DisplayName("A domain must not use what an API may use")
    void plainJavaIsPlain() {
        ClassFileImporter importer = new ClassFileImporter();

        assertThat(Stream.of(Response.class, Vertx.class, Multi.class).map(importer::importClass))
                .noneMatch(PLAIN_JAVA);
        assertThat(importer.importClass(Uni.class)).matches(PLAIN_JAVA);
    }

    @Test
    @DisplayName("A native image is told of every class that is written or read as JSON")
    void jsonIsRegistered() {
        List<JavaClass> bodies = PRODUCTION.stream()
                .filter(type -> type.isAssignableTo(JsonBody.class) && !type.isInterface())
                .toList();

        assertThat(bodies)
                .hasSizeGreaterThan(20)
                .allSatisfy(type -> assertThat(type.isAnnotatedWith(RegisterForReflection.class)
                                || type.getEnclosingClass()
                                        .filter(outer -> outer.isAnnotatedWith(RegisterForReflection.class))
                                        .isPresent())
                        .as(type.getName())
                        .isTrue());
    }

    @Test
    @DisplayName("Scripts are constants: a native image has read them when it was built, and no start reads them again")
    void scriptsAreConstants() {
        assertThat(PRODUCTION.get(LuaScript.class).getMethodCallsToSelf().stream()
                        .filter(call -> call.getTarget().getName().equals("load")))
                .isNotEmpty()
                .allMatch(call -> call.getOrigin().getName().equals("<clinit>")
                        || call.getOrigin().getModifiers().contains(JavaModifier.STATIC));
    }

    @Test
    @DisplayName("A native image can read the bounds of every setting")
    void settingsAreRegistered() {
        classes()
                .that()
                .areAnnotatedWith(ConfigMapping.class)
                .should()
                .beAnnotatedWith(RegisterForReflection.class)
                .check(PRODUCTION);
    }

    @Test
    @DisplayName("Every package is @NullMarked")
    void everyPackageIsNullMarked() {
        assertThat(packagesWithClasses().toList())
                .isNotEmpty()
                .allSatisfy(ours -> assertThat(
                                ours.tryGetPackageInfo().filter(info -> info.isAnnotatedWith(NullMarked.class)))
                        .as("package-info.java of %s with @NullMarked", ours.getName())
                        .isPresent());
    }

    private static Stream<JavaPackage> packagesWithClasses() {
        return PRODUCTION.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .filter(ours -> ours.getName().startsWith("io.lockgate"));
    }

    private static ArchRule only(String sentence, DescribedPredicate<JavaClass> known, String... allowed) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(allowed)
                .should()
                .dependOnClassesThat(known)
                .as("only " + sentence);
    }

    /** Uses what no class outside of an adapter may use. */
    @SuppressWarnings("unused")
    private static final class Trespasser {
        @Nullable Redis redis;

        @Nullable EntityManager persistence;

        @Nullable Response answer;

        @Nullable HttpClient client;

        @Nullable JsonWebKey key;

        Executor executor = Thread::startVirtualThread;

        String digits = "%d".formatted(1);
    }
}
