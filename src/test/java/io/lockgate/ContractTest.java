package io.lockgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.lockgate.testing.Contract;
import io.lockgate.testing.Contract.Operation;
import io.lockgate.testing.RawHttp.Answer;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The OpenAPI document beside the resources. */
class ContractTest {
    private static final Contract CONTRACT = Contract.get();

    @DisplayName("Every route is an operation of the OpenAPI document, and every operation is a route")
    @Test
    void routesAreOperations() {
        Set<String> documented = new TreeSet<>();
        CONTRACT.operations().forEach(operation -> documented.add(operation.method() + " " + operation.path()));

        assertThat(documented).isEqualTo(new TreeSet<>(routes().keySet()));
    }

    @DisplayName("Every parameter of a route is a parameter of its operation, and the other way round")
    @Test
    void parametersAreDocumented() {
        Map<String, Set<String>> documented = new TreeMap<>();
        for (Operation operation : CONTRACT.operations()) {
            Set<String> names = new TreeSet<>();
            for (JsonNode parameter : CONTRACT.parameters(operation)) {
                if (!parameter.get("in").textValue().equals("header")) {
                    names.add(parameter.get("in").textValue() + " "
                            + parameter.get("name").textValue());
                }
            }
            documented.put(operation.method() + " " + operation.path(), names);
        }

        assertThat(documented).isEqualTo(routes());
    }

    @DisplayName("Every example is of the schema that it illustrates")
    @Test
    void examplesAreValid() {
        List<String> faults = new ArrayList<>();
        int[] examples = {0};
        for (JsonNode media : CONTRACT.document().findValues("application/json")) {
            Stream.concat(
                            Stream.of(media.path("example")).filter(node -> !node.isMissingNode()),
                            media.path("examples").valueStream().map(example -> example.get("value")))
                    .forEach(example -> {
                        examples[0]++;
                        CONTRACT.faults(media.get("schema"), example)
                                .forEach(fault -> faults.add(fault + " in " + example));
                    });
        }
        for (JsonNode schema : CONTRACT.document().findParents("examples")) {
            if (!schema.has("schema")) {
                schema.get("examples").forEach(example -> {
                    examples[0]++;
                    CONTRACT.faults(schema, example).forEach(fault -> faults.add(fault + " in " + schema));
                });
            }
        }

        assertThat(faults).isEmpty();
        assertThat(examples[0]).isGreaterThan(200);
    }

    @DisplayName("An answer that the document does not promise is found")
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "GET | /v1/version | 418 | application/json | {} | has no status 418",
                "GET | /v1/version | 200 | application/json;charset=UTF-8 | {} | Content-Type is",
                "GET | /api/v1/version/ | 200 | application/json | {\"revision_id\":\"a\"} | 'build_id' not found",
                "GET | /v1/files/7/info/attributes | 200 | application/json | {\"id\":7} | integer found, string expected",
                "DELETE | /v1/files/locks/nlm/grants/a | 200 | application/json | {} | 'grants' not found",
                "PUT | /data/7/distribution/a | 204 | application/json | {} | there is a body",
                "GET | /admin/users/7 | 404 | application/json | {\"data\":\"a\",\"code\":1,\"x\":1} | 'x' is not defined",
                "GET | /locks?a=b | 503 | application/json | {\"error\":503,\"message\":\"a\"} | Retry-After is missing",
                "PUT | /data/7/distribution | 405 | application/json | {\"data\":\"a\"} | 'error' not found",
                "POST | /v1/files/resolve | 404 | application/json | "
                        + "{\"module\":\"fs\",\"error_class\":\"fs_other_error\",\"description\":\"a\",\"stack\":[],\"user_visible\":true}"
                        + " | does not name \"fs_other_error\"",
            })
    void findsFaults(String method, String target, int status, String type, String body, String fault) {
        Answer answer = new Answer(
                status, List.<String[]>of(new String[] {"content-type", type}), body.getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> CONTRACT.check(method, target, answer))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(fault);
    }

    /** Method and path of every route, with the names of its parameters. */
    private static Map<String, Set<String>> routes() {
        Map<String, Set<String>> routes = new TreeMap<>();
        new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.lockgate").stream()
                        .filter(type -> type.isAnnotatedWith(Path.class))
                        .map(type -> type.reflect())
                        .forEach(type -> Stream.of(type.getDeclaredMethods()).forEach(method -> {
                            String verb = Stream.of(method.getAnnotations())
                                    .flatMap(annotation -> Stream.ofNullable(
                                            annotation.annotationType().getAnnotation(HttpMethod.class)))
                                    .map(HttpMethod::value)
                                    .findFirst()
                                    .orElse("");
                            // OPTIONS is the matter of every path, and none of the document.
                            if (!verb.isEmpty() && !verb.equals("OPTIONS")) {
                                routes.put(verb + " " + path(type, method), parameters(method));
                            }
                        }));
        return routes;
    }

    private static String path(Class<?> type, Method method) {
        String below = method.isAnnotationPresent(Path.class)
                ? method.getAnnotation(Path.class).value()
                : "";
        return type.getAnnotation(Path.class).value() + below;
    }

    private static Set<String> parameters(Method method) {
        Set<String> names = new TreeSet<>();
        for (Parameter parameter : method.getParameters()) {
            if (parameter.isAnnotationPresent(PathParam.class)) {
                names.add("path " + parameter.getAnnotation(PathParam.class).value());
            }
            if (parameter.isAnnotationPresent(QueryParam.class)) {
                names.add("query " + parameter.getAnnotation(QueryParam.class).value());
            }
            if (parameter.isAnnotationPresent(BeanParam.class)) {
                for (Class<?> bean = parameter.getType(); bean != Object.class; bean = bean.getSuperclass()) {
                    Stream.of(bean.getDeclaredFields())
                            .filter(field -> field.isAnnotationPresent(QueryParam.class))
                            .forEach(field -> names.add("query "
                                    + field.getAnnotation(QueryParam.class).value()));
                }
            }
        }
        return names;
    }
}
