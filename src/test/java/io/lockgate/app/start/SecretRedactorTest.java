package io.lockgate.app.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretRedactorTest {
    private static String without(String text) {
        return new SecretRedactor(new SmallRyeConfigBuilder()
                        .withSources(new PropertiesConfigSource(
                                Map.of(
                                        "quarkus.datasource.password",
                                        "open sesame",
                                        "quarkus.redis.password",
                                        "abc",
                                        "quarkus.kubernetes.env.mapping.QUARKUS_REDIS_HOSTS.from-secret",
                                        "lockgate"),
                                "test",
                                100))
                        .build())
                .without(text);
    }

    @ParameterizedTest
    @DisplayName("A password anywhere in an address is hidden")
    @CsvSource({
        "cannot reach redis://:pw@host:1/2, cannot reach redis://***@host:1/2",
        "postgresql://user:p%40w@host/db, postgresql://***@host/db",
        "cannot parse: postgresql://user:p/w@host:1/db (x), cannot parse: postgresql://***@host:1/db (x)",
        "postgresql://user:p@w@host/db, postgresql://***@host/db",
        "unknown host user:p-w@host (JDBC), unknown host ***@host (JDBC)",
        "jdbc:postgresql://host/db?user=u&password=pw&ssl=true, jdbc:postgresql://host/db?user=u&password=***&ssl=true",
        "redis://host:1 refuses a@b, redis://host:1 refuses a@b"
    })
    void hidesInAddresses(String said, String shown) {
        assertThat(without(said)).isEqualTo(shown);
    }

    @Test
    @DisplayName(
            "The value of a password setting is hidden everywhere, unless it is too short to be told from other words")
    void hidesValues() {
        assertThat(without("wrong: 'open sesame', abc")).isEqualTo("wrong: '***', abc");
    }

    @Test
    @DisplayName("The name of a cluster's secret is not hidden, because it is no secret")
    void leavesNames() {
        assertThat(without("lockgate: no")).isEqualTo("lockgate: no");
    }
}
