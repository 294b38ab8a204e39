package io.lockgate.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests that the build has made fit the Kubernetes model, one another and the gateway. No cluster is asked. */
class ManifestsIT {
    @Test
    @DisplayName("Every document is an object of a known kind with known fields, well named and labelled")
    void fitTheModel() {
        List<HasMetadata> all = Manifests.generated();
        all.forEach(object -> {
            assertThat(object.getMetadata().getName()).as(object.getKind()).isEqualTo("lockgate");
            assertThat(object.getMetadata().getNamespace())
                    .as(object.getKind() + ": the namespace is whoever applies it's")
                    .isNull();
            assertThat(object.getMetadata().getLabels())
                    .as(object.getKind())
                    .containsEntry("app.kubernetes.io/name", "lockgate");
        });
    }

    @Test
    @DisplayName("The manifests contain one of each required kind, and nothing that a plain cluster would refuse")
    void areComplete() {
        assertThat(Manifests.generated())
                .extracting(HasMetadata::getKind)
                .containsExactlyInAnyOrder(
                        "ServiceAccount",
                        "ConfigMap",
                        "Service",
                        "Deployment",
                        "PodDisruptionBudget",
                        "HorizontalPodAutoscaler",
                        "NetworkPolicy");
    }

    @Test
    @DisplayName("The JSON manifest equals the YAML manifest")
    void jsonIsTheSame() throws IOException {
        assertThat(Manifests.parseJson(Files.readString(Manifests.GENERATED_JSON)))
                .containsExactlyInAnyOrderElementsOf(Manifests.generated());
    }

    @Test
    @DisplayName("The manifests contain nothing about the place or time of the build")
    void tellNothingOfTheBuild() {
        Manifests.generated()
                .forEach(object -> assertThat(object.getMetadata().getAnnotations())
                        .containsOnlyKeys("app.quarkus.io/quarkus-version"));
    }

    @ParameterizedTest
    @DisplayName("The reader finds a misplaced, misspelt or repeated field at any depth")
    @ValueSource(
            strings = {
                "  replicas: 2|  replica: 2",
                "          image: lockgate|          imgae: lockgate",
                "              path: /q/health/live|              paht: /q/health/live",
                "            readOnlyRootFilesystem: true|            readOnlyRootFileSystem: true",
                "      volumes:|      volume:",
                "  labels:\n|  label:\n",
                "  replicas: 2|  replicas: two",
                "  minReplicas: 2|  minReplicas: two",
                "  replicas: 2|  replicas: 2\n  replicas: 3"
            })
    void readerIsStrict(String change) throws IOException {
        String yaml = Files.readString(Manifests.GENERATED);
        String[] fromTo = change.split("\\|", -1);
        String changed = yaml.replace(fromTo[0], fromTo[1]);
        assertThat(changed).isNotEqualTo(yaml);
        assertThatThrownBy(() -> Manifests.parse(changed))
                .isInstanceOf(com.fasterxml.jackson.core.JsonProcessingException.class);
        assertThatThrownBy(() -> Manifests.parse(yaml.replace("  replicas: 2", "  unknown: 2")))
                .isInstanceOf(UnrecognizedPropertyException.class);
    }

    @Test
    @DisplayName("An init container of the same image and settings migrates the schema, and no probe ends it")
    void schemaIsMadeFirst() throws IOException {
        Container migration = Manifests.migration();
        Container gateway = Manifests.gateway();
        assertThat(migration.getImage())
                .isEqualTo(gateway.getImage())
                .isEqualTo(Manifests.setting("quarkus.container-image.image"))
                .matches("lockgate:[0-9.]+");
        assertThat(migration.getImagePullPolicy())
                .isEqualTo(gateway.getImagePullPolicy())
                .isEqualTo("IfNotPresent");
        assertThat(migration.getArgs()).containsExactly("--migrate");
        assertThat(migration.getCommand()).isEmpty();
        assertThat(gateway.getArgs()).isEmpty();
        assertThat(migration.getResources()).isEqualTo(gateway.getResources());
        assertThat(migration.getEnvFrom()).isEqualTo(gateway.getEnvFrom());
        assertThat(migration.getEnv())
                .extracting(EnvVar::getName)
                .containsExactlyInAnyOrder(
                        "QUARKUS_REDIS_HOSTS", "QUARKUS_DATASOURCE_USERNAME", "QUARKUS_DATASOURCE_PASSWORD");
        assertThat(gateway.getEnv()).containsAll(migration.getEnv());
        assertThat(gateway.getEnv())
                .contains(new EnvVarBuilder()
                        .withName("QUARKUS_FLYWAY_MIGRATE_AT_START")
                        .withValue("false")
                        .build());
        assertThat(migration.getStartupProbe()).isNull();
        assertThat(migration.getLivenessProbe()).isNull();
    }

    @Test
    @DisplayName("Every selector of pods selects those of the deployment")
    void selectorsMatch() {
        Deployment deployment = Manifests.one(Deployment.class);
        Map<String, String> pod =
                deployment.getSpec().getTemplate().getMetadata().getLabels();
        List<Map<String, String>> selectors = new ArrayList<>();
        selectors.add(Manifests.one(Service.class).getSpec().getSelector());
        List<LabelSelector> byLabel = new ArrayList<>(List.of(
                deployment.getSpec().getSelector(),
                Manifests.one(PodDisruptionBudget.class).getSpec().getSelector(),
                Manifests.one(NetworkPolicy.class).getSpec().getPodSelector()));
        var spread = Manifests.pod().getTopologySpreadConstraints();
        assertThat(spread).extracting(constraint -> constraint.getTopologyKey()).contains("kubernetes.io/hostname");
        spread.forEach(constraint -> byLabel.add(constraint.getLabelSelector()));
        byLabel.forEach(selector -> {
            assertThat(selector.getMatchExpressions()).isEmpty();
            selectors.add(selector.getMatchLabels());
        });
        assertThat(selectors).allSatisfy(selector -> {
            assertThat(selector).isNotEmpty();
            assertThat(pod).containsAllEntriesOf(selector);
        });
        var target = Manifests.one(HorizontalPodAutoscaler.class).getSpec().getScaleTargetRef();
        assertThat(List.of(target.getApiVersion(), target.getKind(), target.getName()))
                .containsExactly(
                        deployment.getApiVersion(),
                        deployment.getKind(),
                        deployment.getMetadata().getName());
        assertThat(Manifests.pod().getServiceAccountName())
                .isEqualTo(Manifests.one(ServiceAccount.class).getMetadata().getName());
    }

    @Test
    @DisplayName("Every named port is one of the container's, and those are the gateway's")
    void portsExist() throws IOException {
        Map<String, Integer> ports = new java.util.HashMap<>();
        for (ContainerPort port : Manifests.gateway().getPorts()) {
            ports.put(port.getName(), port.getContainerPort());
        }
        assertThat(ports)
                .containsOnly(
                        Map.entry("http", Integer.valueOf(Manifests.setting("quarkus.http.port"))),
                        Map.entry("management", Integer.valueOf(Manifests.setting("quarkus.management.port"))));
        Set<IntOrString> asked = new HashSet<>();
        Manifests.one(Service.class).getSpec().getPorts().forEach(port -> {
            assertThat(port.getPort()).isEqualTo(80);
            assertThat(port.getTargetPort().getIntVal()).isEqualTo(ports.get("http"));
        });
        Manifests.probes().forEach(probe -> {
            assertThat(probe.getHttpGet().getPort().getIntVal()).isEqualTo(ports.get("management"));
            assertThat(probe.getHttpGet().getScheme()).isEqualTo("HTTP");
        });
        assertThat(Manifests.one(Deployment.class)
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getAnnotations())
                .containsEntry("prometheus.io/port", String.valueOf(ports.get("management")))
                .containsEntry("prometheus.io/path", Manifests.setting("quarkus.micrometer.export.prometheus.path"));
        Manifests.one(NetworkPolicy.class)
                .getSpec()
                .getIngress()
                .forEach(rule ->
                        rule.getPorts().stream().map(NetworkPolicyPort::getPort).forEach(asked::add));
        assertThat(asked).extracting(IntOrString::getStrVal).containsOnly("http", "management");
    }

    @Test
    @DisplayName("Every variable is a setting, and no secret is written down")
    void variablesAreSettings() {
        assertThat(SettingNames.isSetting("LOCKGATE_NO_SUCH_SETTING")).isFalse();
        assertThat(SettingNames.isSetting("QUARKUS_REDIS_HOST")).isFalse();
        ConfigMap config = Manifests.one(ConfigMap.class);
        Container gateway = Manifests.gateway();
        assertThat(gateway.getEnvFrom())
                .singleElement()
                .satisfies(from -> assertThat(from.getConfigMapRef().getName())
                        .isEqualTo(config.getMetadata().getName()));
        assertThat(config.getData()).isNotEmpty();
        assertThat(config.getData().keySet())
                .allSatisfy(name ->
                        assertThat(SettingNames.isSetting(name)).as(name).isTrue());
        assertThat(config.getData().keySet()).noneMatch(name -> name.contains("PASSWORD"));
        Set<String> set = new HashSet<>(config.getData().keySet());
        for (EnvVar variable : gateway.getEnv()) {
            assertThat(SettingNames.isSetting(variable.getName()))
                    .as(variable.getName())
                    .isTrue();
            if (!variable.getName().equals("QUARKUS_FLYWAY_MIGRATE_AT_START")) {
                assertThat(variable.getValue()).as(variable.getName()).isNull();
                assertThat(variable.getValueFrom().getSecretKeyRef().getName()).isEqualTo("lockgate");
            }
            assertThat(set.add(variable.getName()))
                    .as(variable.getName() + " is set once")
                    .isTrue();
        }
        assertThat(set)
                .contains(
                        "QUARKUS_REDIS_HOSTS",
                        "QUARKUS_DATASOURCE_REACTIVE_URL",
                        "QUARKUS_DATASOURCE_JDBC_URL",
                        "QUARKUS_DATASOURCE_USERNAME",
                        "QUARKUS_DATASOURCE_PASSWORD");
    }

    @Test
    @DisplayName(
            "The pod has no root, no writable root file system, no extra rights, time to stop, and spread replicas")
    void podIsBound() throws IOException {
        Deployment deployment = Manifests.one(Deployment.class);
        assertThat(deployment.getSpec().getReplicas()).isGreaterThanOrEqualTo(2);
        // A string would have to be a percentage.
        var rolling = deployment.getSpec().getStrategy().getRollingUpdate();
        assertThat(rolling.getMaxUnavailable().getIntVal()).isZero();
        assertThat(rolling.getMaxSurge().getIntVal()).isEqualTo(1);
        assertThat(Manifests.one(PodDisruptionBudget.class)
                        .getSpec()
                        .getMaxUnavailable()
                        .getIntVal())
                .isEqualTo(1);
        assertThat(Manifests.pod().getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(Manifests.pod().getSecurityContext().getRunAsUser()).isPositive();
        assertThat(Manifests.pod().getSecurityContext().getSeccompProfile().getType())
                .isEqualTo("RuntimeDefault");
        assertThat(Manifests.pod().getVolumes())
                .singleElement()
                .satisfies(tmp -> assertThat(tmp.getEmptyDir().getSizeLimit()).isEqualTo(Quantity.parse("64Mi")));
        for (Container container : List.of(Manifests.migration(), Manifests.gateway())) {
            var security = container.getSecurityContext();
            assertThat(security.getReadOnlyRootFilesystem()).isTrue();
            assertThat(security.getAllowPrivilegeEscalation()).isFalse();
            assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
            assertThat(container.getVolumeMounts()).singleElement().satisfies(tmp -> {
                assertThat(tmp.getMountPath()).isEqualTo("/tmp");
                assertThat(tmp.getReadOnly()).isNotEqualTo(true);
                assertThat(tmp.getName())
                        .isEqualTo(Manifests.pod().getVolumes().getFirst().getName());
            });
        }

        Duration stop = Duration.parse("PT" + Manifests.setting("quarkus.shutdown.timeout"))
                .plus(Duration.parse("PT" + Manifests.setting("quarkus.shutdown.delay")));
        assertThat(Duration.ofSeconds(Manifests.pod().getTerminationGracePeriodSeconds()))
                .isGreaterThan(stop)
                .isGreaterThan(Duration.ofSeconds(20));

        var resources = Manifests.gateway().getResources();
        for (String what : List.of("cpu", "memory")) {
            BigDecimal asked = Quantity.getAmountInBytes(resources.getRequests().get(what));
            assertThat(asked).isPositive();
            assertThat(Quantity.getAmountInBytes(resources.getLimits().get(what)))
                    .isGreaterThanOrEqualTo(asked);
        }

        var scaling = Manifests.one(HorizontalPodAutoscaler.class).getSpec();
        assertThat(scaling.getMinReplicas()).isGreaterThanOrEqualTo(2);
        assertThat(scaling.getMaxReplicas()).isGreaterThan(scaling.getMinReplicas());
        int connections = Integer.parseInt(Manifests.setting("quarkus.datasource.reactive.max-size"));
        assertThat(scaling.getMaxReplicas() * connections)
                .as("Postgres allows 100 connections")
                .isLessThan(100);
    }

    @Test
    @DisplayName("There are startup, readiness and liveness probes; startup allows for migration")
    void probes() {
        assertThat(Manifests.probes())
                .extracting(probe -> probe.getHttpGet().getPath())
                .containsExactly("/q/health/started", "/q/health/live", "/q/health/ready");
        var startup = Manifests.gateway().getStartupProbe();
        assertThat(startup.getPeriodSeconds() * startup.getFailureThreshold()).isGreaterThanOrEqualTo(60);
    }

    @Test
    @DisplayName("The network policy allows DNS, Redis, Postgres and the API server")
    void egressReachesNeighbours() {
        Set<Integer> ports = new HashSet<>();
        Manifests.one(NetworkPolicy.class)
                .getSpec()
                .getEgress()
                .forEach(rule ->
                        rule.getPorts().forEach(port -> ports.add(port.getPort().getIntVal())));
        assertThat(ports).contains(53, 6379, 5432, 443, 6443);
    }
}
