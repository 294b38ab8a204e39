package io.lockgate.api.distribution;

import static io.lockgate.testing.Carriers.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.Carriers;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DistributionDialectTest {

    @Test
    @DisplayName("X-Auth-Token decides, else the bearer token, else Macaroon")
    void credential() {
        DistributionDialect dialect = DistributionProblemTest.dialect();
        MultiMap headers = Carriers.all();
        assertThat(token(dialect.credential(headers, "GET", "/data/x"))).isEqualTo("x");
        headers.remove("X-Auth-Token");
        assertThat(token(dialect.credential(headers, "GET", "/data/x"))).isEqualTo("b");
        headers.remove("Authorization");
        assertThat(token(dialect.credential(headers, "GET", "/data/x"))).isEqualTo("m");
    }
}
