package io.lockgate.deploy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/**
 * What the build makes of {@code src/main/kubernetes} and the settings, read as an API server reads it: what the model
 * does not know is refused.
 */
final class Manifests {
    /** What the extension cannot infer; no object is whole. */
    static final Path SOURCE = Path.of("src", "main", "kubernetes", "kubernetes.yml");

    /** What is applied. There since the package phase, so for integration tests only. */
    static final Path GENERATED = Path.of("target", "kubernetes", "kubernetes.yml");

    static final Path GENERATED_JSON = Path.of("target", "kubernetes", "kubernetes.json");

    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "v1/ServiceAccount", ServiceAccount.class,
            "v1/ConfigMap", ConfigMap.class,
            "v1/Service", Service.class,
            "apps/v1/Deployment", Deployment.class,
            "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class,
            "autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class,
            "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class);

    private static final YAMLMapper STRICT = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                // The model keeps fields that it does not know, in a map. Here there is no such map.
                @Override
                public Boolean hasAnySetter(Annotated member) {
                    return false;
                }
            })
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Manifests() {}

    /** Every document of {@link #GENERATED}. */
    static List<HasMetadata> generated() {
        return read(GENERATED);
    }

    static List<HasMetadata> read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static <T extends HasMetadata> T one(Class<T> kind) {
        return one(kind, generated());
    }

    static <T extends HasMetadata> T one(Class<T> kind, List<HasMetadata> all) {
        return all.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .reduce((a, b) -> {
                    throw new IllegalStateException("two of " + kind);
                })
                .orElseThrow();
    }

    /** Every document of a stream of YAML. */
    static List<HasMetadata> parse(String yaml) throws IOException {
        List<HasMetadata> all = new ArrayList<>();
        try (MappingIterator<JsonNode> documents =
                STRICT.readerFor(JsonNode.class).readValues(yaml)) {
            while (documents.hasNextValue()) {
                all.add(object(documents.nextValue()));
            }
        }
        return all;
    }

    /** Every object of the array that the build writes as JSON. */
    static List<HasMetadata> parseJson(String json) throws IOException {
        List<HasMetadata> all = new ArrayList<>();
        // JSON is YAML.
        for (JsonNode tree : STRICT.readTree(json)) {
            all.add(object(tree));
        }
        return all;
    }

    private static HasMetadata object(JsonNode tree) throws IOException {
        String kind = tree.path("apiVersion").asText() + "/" + tree.path("kind").asText();
        Class<? extends HasMetadata> type = KINDS.get(kind);
        if (type == null) {
            throw new IllegalArgumentException("no kind that is known here: " + kind);
        }
        return STRICT.treeToValue(tree, type);
    }

    /** What is shipped has as the value of a setting that no deployment changes. */
    static String setting(String name) throws IOException {
        Properties all = new Properties();
        try (Reader in = Files.newBufferedReader(Path.of("src", "main", "resources", "application.properties"))) {
            all.load(in);
        }
        return Objects.requireNonNull(all.getProperty(name), name);
    }

    static PodSpec pod() {
        return one(Deployment.class).getSpec().getTemplate().getSpec();
    }

    static Container gateway() {
        return only(pod().getContainers());
    }

    /** The init container that migrates the schema. */
    static Container migration() {
        return only(pod().getInitContainers());
    }

    private static Container only(List<Container> containers) {
        if (containers.size() != 1) {
            throw new IllegalStateException("one container was expected");
        }
        return containers.getFirst();
    }

    /** Startup, liveness, readiness. */
    static List<Probe> probes() {
        Container gateway = gateway();
        return List.of(gateway.getStartupProbe(), gateway.getLivenessProbe(), gateway.getReadinessProbe());
    }
}
