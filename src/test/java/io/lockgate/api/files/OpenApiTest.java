package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The OpenAPI document is complete enough to generate a client from. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class OpenApiTest {
    @TestHTTPResource("/")
    URI base;

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
    @DisplayName("Every operation has a unique operationId, a summary, and every status that it can answer")
    void operationsAreComplete() {
        Set<String> names = new HashSet<>();
        document.get("paths")
                .forEachEntry((path, item) -> item.forEachEntry((method, operation) -> {
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
                    operation.path("parameters").forEach(parameter -> {
                        assertThat(parameter.path("description").asText())
                                .as(where + parameter)
                                .isNotEmpty();
                        assertThat(parameter.path("schema").has("type"))
                                .as(where + parameter)
                                .isTrue();
                        // Swagger UI sends examples; of a header that makes a call conditional that would be no help.
                        assertThat(parameter.has("example"))
                                .as(where + parameter)
                                .isEqualTo(!parameter.path("in").asText().equals("header"));
                    });
                }));
        assertThat(names).contains("acquire", "test", "batch", "release", "renew", "list", "find", "checkFence");
        assertThat(document.toString()).doesNotContain("locks/sessions", "wait_ms", "durability");
    }

    @Test
    @DisplayName("Every field has a type, a description and an example, and every reference resolves")
    void schemasAreComplete() {
        JsonNode schemas = document.get("components").get("schemas");
        assertThat(schemas.get("ErrorBody").get("properties").has("error_class"))
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
}
