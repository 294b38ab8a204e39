package io.lockgate.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.lockgate.testing.RawHttp.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The OpenAPI document, and whether an answer is one that it promises. Fields that it does not name are faults here,
 * although clients must bear them: a newer gateway may send more.
 *
 * <p>Not checked: answers on paths that the document does not have, and those to requests that are wrong as HTTP (414,
 * 501, 505), of which the gateway may not know more than the first line. Of bodies beyond {@link #LONGEST} only the
 * head.
 */
public final class Contract {
    private static final String RESOURCE = "/openapi/lockgate.yaml";
    private static final String SCHEMAS = "#/components/schemas/";
    /** Bytes; reading and checking longer ones would take longer than the tests that ask for them. */
    private static final int LONGEST = 1 << 20;

    private static final Set<Integer> NOT_HTTP = Set.of(414, 501, 505);
    private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Contract INSTANCE = new Contract();

    private final JsonNode document;
    private final ObjectNode definitions;
    private final List<Operation> operations = new ArrayList<>();
    private final JsonSchemaFactory factory = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
    private final Map<JsonNode, JsonSchema> compiled = new ConcurrentHashMap<>();

    /**
     * A method of a path.
     *
     * @param path with its templates, {@code /v1/files/{ref}}
     * @param node what the document says of it
     */
    public record Operation(String method, String path, JsonNode node) {
        private boolean matches(List<String> segments) {
            List<String> own = segments(path);
            if (own.size() != segments.size()) {
                return false;
            }
            for (int i = 0; i < own.size(); i++) {
                boolean any = own.get(i).startsWith("{") && !segments.get(i).isEmpty();
                if (!any && !own.get(i).equals(segments.get(i))) {
                    return false;
                }
            }
            return true;
        }

        private long templates() {
            return path.chars().filter(c -> c == '{').count();
        }
    }

    private Contract() {
        try (InputStream in = Objects.requireNonNull(Contract.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            document = new YAMLMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        definitions = (ObjectNode) rewritten(document.at("/components/schemas"));
        document.get("paths")
                .forEachEntry((path, item) -> item.forEachEntry((method, node) -> {
                    if (METHODS.contains(method)) {
                        operations.add(new Operation(method.toUpperCase(Locale.ROOT), path, node));
                    }
                }));
    }

    public static Contract get() {
        return INSTANCE;
    }

    public JsonNode document() {
        return document;
    }

    public List<Operation> operations() {
        return operations;
    }

    /** {@code node}, or what it refers to. */
    public JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").textValue().substring(1)) : node;
    }

    /** The parameters of an operation and of its path, references resolved. */
    public List<JsonNode> parameters(Operation operation) {
        return Stream.of(document.get("paths").get(operation.path()), operation.node())
                .flatMap(node -> node.path("parameters").valueStream())
                .map(this::resolved)
                .toList();
    }

    /** Fails when {@code answer} is none that the document promises for that request. */
    public void check(String method, String target, Answer answer) {
        String path = canonical(target);
        List<Operation> known = operations.stream()
                .filter(operation -> operation.matches(segments(path)))
                .sorted(Comparator.comparingLong(Operation::templates))
                .toList();
        if (known.isEmpty() || NOT_HTTP.contains(answer.status()) || answer.status() < 200) {
            return;
        }
        String asked = method.equals("HEAD") ? "GET" : method;
        Optional<Operation> operation =
                known.stream().filter(one -> one.method().equals(asked)).findFirst();
        List<String> faults = operation.isPresent()
                ? faults(operation.get(), method, answer)
                : faultsOfOtherMethod(known.getFirst(), answer);
        if (!faults.isEmpty()) {
            throw new AssertionError("the OpenAPI document does not promise this answer to " + method + " " + target
                    + ": " + faults + "\n" + answer.status() + " " + abridged(answer));
        }
    }

    /** What is wrong with {@code value} by a schema of the document. */
    public List<String> faults(JsonNode schema, JsonNode value) {
        return compiled.computeIfAbsent(schema, this::compile).validate(value).stream()
                .map(ValidationMessage::toString)
                .toList();
    }

    private List<String> faults(Operation operation, String method, Answer answer) {
        @Nullable JsonNode given = operation.node().get("responses").get(Integer.toString(answer.status()));
        if (given == null) {
            return List.of(
                    "the operation " + operation.node().get("operationId") + " has no status " + answer.status());
        }
        JsonNode response = resolved(given);
        List<String> faults = new ArrayList<>(faultsOfHeaders(response, answer));
        if (!method.equals("HEAD")) {
            faults.addAll(faultsOfBody(response, answer));
        }
        return faults;
    }

    /** A method that the path does not take: the document has no response for it, but the error is that of the API. */
    private List<String> faultsOfOtherMethod(Operation neighbour, Answer answer) {
        if (answer.status() < 400) {
            return List.of();
        }
        JsonNode error = resolved(neighbour.node().at("/responses/500"));
        return faults(error.at("/content/application~1json/schema"), answer.json());
    }

    private List<String> faultsOfHeaders(JsonNode response, Answer answer) {
        List<String> faults = new ArrayList<>();
        response.path("headers").forEachEntry((name, given) -> {
            JsonNode header = resolved(given);
            Optional<String> value = answer.header(name);
            if (value.isEmpty() && header.path("required").asBoolean()) {
                faults.add("header " + name + " is missing");
            }
            if (value.isPresent() && header.at("/schema/type").asText().equals("integer")) {
                try {
                    Long.parseLong(value.get());
                } catch (NumberFormatException e) {
                    faults.add("header " + name + " is no number: " + value.get());
                }
            }
        });
        return faults;
    }

    private List<String> faultsOfBody(JsonNode response, Answer answer) {
        if (!response.has("content")) {
            return answer.body().length == 0 ? List.of() : List.of("there is a body");
        }
        if (response.path("x-may-be-empty").asBoolean() && answer.body().length == 0) {
            return List.of();
        }
        String type = answer.header("Content-Type").orElse("");
        if (!response.get("content").has(type)) {
            return List.of("Content-Type is '" + type + "'");
        }
        if (answer.body().length > LONGEST) {
            return List.of();
        }
        JsonNode body;
        try {
            body = JSON.readTree(answer.body());
        } catch (IOException e) {
            return List.of("the body is no JSON: " + e.getMessage());
        }
        List<String> faults =
                new ArrayList<>(faults(response.get("content").get(type).get("schema"), body));
        for (String field : List.of("error_class", "error")) {
            JsonNode kind = body.path(field);
            if (kind.isTextual() && !response.path("description").asText().contains(kind.textValue())) {
                faults.add("the response does not name " + kind);
            }
        }
        return faults;
    }

    private JsonSchema compile(JsonNode schema) {
        ObjectNode whole = JSON.createObjectNode();
        whole.putArray("allOf").add(rewritten(schema));
        whole.set("$defs", definitions);
        return factory.getSchema(
                whole,
                SchemaValidatorsConfig.builder()
                        .formatAssertionsEnabled(true)
                        .preloadJsonSchema(false)
                        .build());
    }

    /** A schema as JSON Schema alone knows it, in which objects have no other fields than those named. */
    private static JsonNode rewritten(JsonNode schema) {
        JsonNode copy = schema.deepCopy();
        for (JsonNode parent : copy.findParents("$ref")) {
            ((ObjectNode) parent)
                    .put("$ref", "#/$defs/" + parent.get("$ref").textValue().substring(SCHEMAS.length()));
        }
        for (JsonNode parent : copy.findParents("properties")) {
            ((ObjectNode) parent).put("additionalProperties", false);
        }
        return copy;
    }

    /** The path as the document spells it: without query, second prefix and last slash. */
    private static String canonical(String target) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        if (path.startsWith("/api/v1/")) {
            return path.substring("/api".length());
        }
        return path.startsWith("/data/") ? "/api/v3/oneprovider" + path : path;
    }

    private static List<String> segments(String path) {
        String plain = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return List.of(plain.split("/", -1));
    }

    private static String abridged(Answer answer) {
        String text = answer.text();
        return text.length() > 2_000 ? text.substring(0, 2_000) + " …" : text;
    }
}
