package io.lockgate.app.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
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

    /** Wherever a password stands in an address, it goes. */
    @ParameterizedTest
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

    /** What is set as a password is shown nowhere, unless it is so short that it stands in any word. */
    @Test
    void hidesValues() {
        assertThat(without("wrong: 'open sesame', abc")).isEqualTo("wrong: '***', abc");
    }

    /** The name of a cluster's secret is none: it is ours, and stands in every line. */
    @Test
    void leavesNames() {
        assertThat(without("lockgate: no")).isEqualTo("lockgate: no");
    }
}
