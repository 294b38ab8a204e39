package io.lockgate.deploy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;

/** {@code src/main/kubernetes}, read as an API server reads it: what the model does not know is refused. */
final class Manifests {
    static final Path DIRECTORY = Path.of("src", "main", "kubernetes");
    static final String KUSTOMIZATION = "kustomization.yaml";

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

                /** The model keeps fields that it does not know, in a map. Here there is no such map. */
                @Override
                public Boolean hasAnySetter(Annotated member) {
                    return false;
                }
            })
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Manifests() {}

    /** Every document of every file but the kustomization, by file name. */
    static Map<String, HasMetadata> read() {
        Map<String, HasMetadata> all = new HashMap<>();
        for (Path file : files()) {
            String name = String.valueOf(file.getFileName());
            if (!name.equals(KUSTOMIZATION)) {
                try {
                    all.put(name, parse(Files.readString(file)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return all;
    }

    static <T extends HasMetadata> T one(Class<T> kind) {
        return read().values().stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .reduce((a, b) -> {
                    throw new IllegalStateException("two of " + kind);
                })
                .orElseThrow();
    }

    /** One object; files hold one each. */
    static HasMetadata parse(String yaml) throws IOException {
        JsonNode tree = STRICT.readTree(yaml);
        String kind = tree.path("apiVersion").asText() + "/" + tree.path("kind").asText();
        Class<? extends HasMetadata> type = KINDS.get(kind);
        if (type == null) {
            throw new IllegalArgumentException("no kind that is known here: " + kind);
        }
        return STRICT.treeToValue(tree, type);
    }

    static JsonNode kustomization() throws IOException {
        return STRICT.readTree(Files.readString(DIRECTORY.resolve(KUSTOMIZATION)));
    }

    /** What is shipped has as the value of a setting that no deployment changes. */
    static String setting(String name) throws IOException {
        Properties all = new Properties();
        try (Reader in = Files.newBufferedReader(Path.of("src", "main", "resources", "application.properties"))) {
            all.load(in);
        }
        return Objects.requireNonNull(all.getProperty(name), name);
    }

    static List<Path> files() {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Container gateway() {
        List<Container> containers =
                one(Deployment.class).getSpec().getTemplate().getSpec().getContainers();
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
