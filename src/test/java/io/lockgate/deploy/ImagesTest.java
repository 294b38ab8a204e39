package io.lockgate.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The images and the compose file, as far as they can be judged without a container engine. */
class ImagesTest {
    @ParameterizedTest
    @DisplayName("An image has a pinned base, a user without rights, a command that receives signals, and nothing else")
    @ValueSource(strings = {"Dockerfile.jvm", "Dockerfile.native"})
    void isBound(String file) throws IOException {
        Dockerfile image = Dockerfile.read(file);
        assertThat(image.instructions().stream().map(Dockerfile.Instruction::name))
                .allMatch(List.of("FROM", "WORKDIR", "ENV", "COPY", "USER", "EXPOSE", "ENTRYPOINT")::contains);
        assertThat(image.one("FROM")).matches("[a-z-]+:[a-z0-9.-]+").doesNotEndWith(":latest");
        assertThat(image.one("WORKDIR")).startsWith("/");
        assertThat(image.one("ENV")).isEqualTo("LC_ALL=C.UTF-8");
        assertThat(image.entryPoint()).isNotEmpty();
        assertThat(image.all("COPY")).allMatch(copy -> copy.startsWith("--chmod=0555 target/"));
        PodSecurityContext pod = Manifests.one(Deployment.class, Manifests.read(Manifests.SOURCE))
                .getSpec()
                .getTemplate()
                .getSpec()
                .getSecurityContext();
        assertThat(image.one("USER")).isEqualTo(pod.getRunAsUser() + ":" + pod.getRunAsGroup());
        assertThat(image.one("EXPOSE").split(" "))
                .containsExactly(Manifests.setting("quarkus.http.port"), Manifests.setting("quarkus.management.port"));
    }

    @ParameterizedTest
    @DisplayName("The build context contains what is copied and nothing more")
    @ValueSource(strings = {"Dockerfile.jvm", "Dockerfile.native"})
    void contextIsSmall(String file) throws IOException {
        List<String> lines = Files.readAllLines(Dockerfile.DIRECTORY.resolve(file + ".dockerignore"));
        assertThat(lines).hasSize(2).first().isEqualTo("*");
        String kept = lines.get(1).substring(1).replace("*", "");
        assertThat(Dockerfile.read(file).copies())
                .allMatch(copy -> copy[0].replace("lockgate-*", "").startsWith(kept));
    }

    @Test
    @DisplayName(
            "In the compose file Redis persists and never evicts, variables are settings, and no secret is written")
    void compose() throws IOException {
        JsonNode services = new YAMLMapper()
                .readTree(Files.readString(Dockerfile.DIRECTORY.resolve("compose.yaml")))
                .get("services");
        assertThat(services.get("redis").get("command").valueStream().map(JsonNode::textValue))
                .containsSubsequence("redis-server", "--appendonly", "yes")
                .containsSubsequence("--maxmemory-policy", "noeviction");
        for (String name : List.of("redis", "postgres")) {
            assertThat(services.get(name).get("image").textValue()).matches("[a-z]+:[0-9.]+-alpine");
            assertThat(services.get(name).get("volumes")).isNotEmpty();
            assertThat(services.get("lockgate")
                            .get("depends_on")
                            .get(name)
                            .get("condition")
                            .textValue())
                    .isEqualTo("service_healthy");
            assertThat(services.get(name).has("healthcheck")).isTrue();
        }
        JsonNode gateway = services.get("lockgate");
        assertThat(gateway.get("read_only").booleanValue()).isTrue();
        assertThat(gateway.get("tmpfs").get(0).textValue()).isEqualTo("/tmp");
        JsonNode build = gateway.get("build");
        assertThat(Dockerfile.DIRECTORY
                        .resolve(build.get("context").textValue())
                        .resolve(build.get("dockerfile").textValue())
                        .normalize())
                .isRegularFile();
        gateway.get("environment").forEachEntry((name, value) -> {
            assertThat(SettingNames.isSetting(name)).as(name).isTrue();
            assertThat(!name.contains("PASSWORD") || value.textValue().startsWith("${"))
                    .as(name)
                    .isTrue();
        });
    }
}
