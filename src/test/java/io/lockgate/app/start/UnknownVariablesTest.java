package io.lockgate.app.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UnknownVariablesTest {
    @Test
    @DisplayName("An unknown variable is named without its value; settings and other programs' variables are not")
    void namesWhatIsMisspelt() {
        assertThat(UnknownVariables.among(Map.of(
                        "LOCKGATE_LIMTS_NAMES_PER_GRANT", "7",
                        "LOCKGATE_BOOTSTRAP_ADMIN_PASWORD", "secret",
                        "LOCKGATE_LIMITS_NAMES_PER_GRANT", "7",
                        "QUARKUS_HTTP_PROT", "7",
                        "HOME", "/")))
                .containsExactly(
                        "LOCKGATE_BOOTSTRAP_ADMIN_PASWORD is no setting of lockgate (lockgate.env has all)",
                        "LOCKGATE_LIMTS_NAMES_PER_GRANT is no setting of lockgate (lockgate.env has all)");
    }

    @Test
    @DisplayName("Variables that Kubernetes sets for a service called lockgate are no settings")
    void servicesAreNoSettings() {
        assertThat(UnknownVariables.among(Map.of(
                        "LOCKGATE_SERVICE_HOST", "10.0.0.1",
                        "LOCKGATE_SERVICE_PORT", "80",
                        "LOCKGATE_SERVICE_PORT_HTTP", "80",
                        "LOCKGATE_PORT", "tcp://10.0.0.1:80",
                        "LOCKGATE_PORT_80_TCP", "tcp://10.0.0.1:80",
                        "LOCKGATE_REDIS_PORT_6379_TCP_ADDR", "10.0.0.2",
                        "LOCKGATE_REDIS_SERVICE_PORT", "6379")))
                .isEmpty();
    }
}
