package io.lockgate.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Probe;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@QuarkusIntegrationTest
@QuarkusTestResource(Servers.class)
@Tag("smoke")
class ProbesIT {
    @Test
    @DisplayName("The packaged gateway answers the probes of the manifests on their port")
    void probePathsExist() {
        for (Probe probe : Manifests.probes()) {
            assertThat(RawHttp.anonymous(Servers.packagedManagement())
                            .get(probe.getHttpGet().getPath())
                            .status())
                    .isEqualTo(200);
        }
    }
}
