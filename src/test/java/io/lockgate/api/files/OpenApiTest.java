package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.RawHttp2;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.DisabledOnIntegrationTest;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The OpenAPI document is complete enough to generate a client from. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class OpenApiTest {
    @TestHTTPResource("/")
    URI base;

    private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");

    JsonNode document;

    @BeforeEach
    void read() {
        document = new RawHttp(base).get("/q/openapi?format=json").json();
    }

    @Test
    @DisplayName("The YAML and the JSON form of the document are equal")
    void yamlSaysTheSame() throws IOException {
        byte[] yaml = new RawHttp(base).get("/q/openapi").body();

        assertThat(new YAMLMapper().readTree(yaml)).isEqualTo(document);
    }

    @Test
    @DisplayName("The document is handed out as it stands in the repository")
    void isHandedOutAsItStands() throws IOException {
        Answer answer = RawHttp.anonymous(base).get("/q/openapi");

        assertThat(answer.body()).isEqualTo(Files.readAllBytes(Path.of("src/main/resources/openapi/lockgate.yaml")));
        assertThat(answer.header("Content-Type")).hasValue("application/yaml;charset=UTF-8");
    }

    @DisplayName(
            "YAML or JSON is chosen by the name, by the parameter, or by Accept, which counts for the plain name alone")
    @ParameterizedTest
    @CsvSource({
        "/q/openapi, application/yaml, application/yaml",
        "/q/openapi, text/html, application/yaml",
        "/q/openapi, application/json, application/json",
        "/q/openapi?format=JSON, */*, application/json",
        "/q/openapi.json, application/yaml, application/json",
        "/q/openapi.yaml, application/json, application/yaml",
        "/q/openapi.yml, application/json, application/yaml",
    })
    void isNegotiated(String target, String accept, String type) {
        Answer answer = RawHttp.anonymous(base).get(target, "Accept: " + accept);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).hasValue(type + ";charset=UTF-8");
        assertThat(answer.header("Content-Length")).hasValue(Integer.toString(answer.body().length));
    }

    @DisabledOnIntegrationTest("what is shipped has no Swagger UI")
    @Test
    @DisplayName("Swagger UI shows the document, in dev mode and tests")
    void isShownBySwaggerUi() {
        Answer answer = RawHttp.anonymous(base).get("/q/swagger-ui/");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).contains("/q/openapi");
    }

    @Test
    @DisplayName("HEAD has the length of the document and no body, over HTTP/2 too")
    void headHasNoBody() throws IOException {
        int length = RawHttp.anonymous(base).get("/q/openapi").body().length;
        Answer one = RawHttp.anonymous(base).send("HEAD", "/q/openapi", new byte[0]);

        assertThat(one.header("Content-Length")).hasValue(Integer.toString(length));
        try (RawHttp2 connection = new RawHttp2(base)) {
            Answer two = connection.send("HEAD", "/q/openapi", null);
            assertThat(two.header("Content-Length")).hasValue(Integer.toString(length));
            assertThat(two.body()).isEmpty();
        }
    }

    @Test
    @DisplayName("The document has the version of the gateway that answers")
    void hasTheVersion() {
        String revision = RawHttp.anonymous(base)
                .get("/v1/version")
                .json()
                .get("revision_id")
                .asText();

        assertThat(revision)
                .isEqualTo("Lockgate " + document.at("/info/version").asText());
    }

    @Test
    @DisplayName("Every operation has a unique operationId, a summary, and every status that it can answer")
    void operationsAreComplete() {
        Set<String> names = new HashSet<>();
        document.get("paths")
                .forEachEntry((path, item) -> item.forEachEntry((method, operation) -> {
                    if (!METHODS.contains(method)) {
                        return;
                    }
                    String where = method + " " + path;
                    assertThat(operation.path("summary").asText()).as(where).isNotEmpty();
                    assertThat(names.add(operation.path("operationId").asText()))
                            .as(where)
                            .isTrue();
                    JsonNode responses = operation.get("responses");
                    assertThat((responses.has("200") || responses.has("201") || responses.has("204"))
                                    && responses.at("/400").has("$ref")
                                    && responses.at("/500").has("$ref"))
                            .as(where + responses)
                            .isTrue();
                    if (!List.of("/v1/version", "/v1/session/login", "/auth/login")
                            .contains(path)) {
                        assertThat(responses.has("401")).as(where).isTrue();
                        assertThat(responses.has("403") && responses.has("404") && responses.has("503"))
                                .as(where)
                                .isTrue();
                    }
                    parameters(item, operation).forEach(parameter -> {
                        assertThat(parameter.path("description").asText())
                                .as(where + parameter)
                                .isNotEmpty();
                        assertThat(resolved(parameter.path("schema")).has("type"))
                                .as(where + parameter)
                                .isTrue();
                        // Swagger UI sends examples; of a header that makes a call conditional that would be no help.
                        assertThat(parameter.has("example"))
                                .as(where + parameter)
                                .isEqualTo(!parameter.path("in").asText().equals("header"));
                    });
                }));
        assertThat(names)
                .contains(
                        "acquireLock",
                        "testLock",
                        "batchLocks",
                        "releaseLock",
                        "renewLock",
                        "listLocks",
                        "getGrant",
                        "checkFence",
                        "pollWaiter",
                        "cancelWaiter",
                        "breakRouteLock");
        assertThat(document.toString()).doesNotContain("durability");
    }

    @Test
    @DisplayName("Every field has a type, a description and an example, and every reference resolves")
    void schemasAreComplete() {
        JsonNode schemas = document.get("components").get("schemas");
        assertThat(schemas.get("FilesError").get("properties").has("error_class"))
                .isTrue();
        schemas.forEachEntry((name, schema) -> schema.path("properties").forEachEntry((field, property) -> {
            String where = name + "." + field + " " + property;
            assertThat(property.has("type") || property.has("$ref") || property.has("anyOf") || property.has("allOf"))
                    .as(where)
                    .isTrue();
            assertThat(property.path("description").asText()).as(where).isNotEmpty();
            boolean composed = property.toString().contains("$ref");
            assertThat(composed || property.has("examples") || property.has("example"))
                    .as(where)
                    .isTrue();
        }));
        document.findValuesAsText("$ref")
                .forEach(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
    }

    /** Those of the operation and those of its path, references resolved. */
    private List<JsonNode> parameters(JsonNode item, JsonNode operation) {
        return Stream.of(item, operation)
                .flatMap(node -> node.path("parameters").valueStream())
                .map(this::resolved)
                .toList();
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
    }
}
