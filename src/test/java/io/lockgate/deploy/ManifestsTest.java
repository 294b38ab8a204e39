package io.lockgate.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What people write of the manifests; {@link ManifestsIT} judges what the build makes of it. */
class ManifestsTest {
    @Test
    @DisplayName("Each object of the source fits the model, and there is no second source")
    void sourceFitsTheModel() throws IOException {
        List<HasMetadata> all = Manifests.read(Manifests.SOURCE);
        assertThat(all)
                .hasSize(6)
                .allSatisfy(object -> assertThat(object.getMetadata().getName()).isEqualTo("lockgate"));
        assertThat(Manifests.one(ConfigMap.class, all).getData()).isNotEmpty();
        try (var files = Files.list(Manifests.SOURCE.getParent())) {
            assertThat(files).containsExactly(Manifests.SOURCE);
        }
    }
}
