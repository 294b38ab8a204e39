package io.lockgate.api.files;

import static io.lockgate.testing.Carriers.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.Carriers;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FilesDialectTest {
    private record Limits(int pageDefault, int pageMax, int bodyLimit, int batchLimit, int resolveLimit)
            implements FilesLimits {}

    @Test
    @DisplayName("Only the bearer token decides; another scheme is text that is no token")
    void credential() {
        FilesDialect dialect = new FilesDialect(new Limits(1, 1, 1, 1, 1));
        MultiMap headers = Carriers.all();
        assertThat(token(dialect.credential(headers, "GET", "/v1/session/who-am-i")))
                .isEqualTo("b");
        headers.set("Authorization", "Basic b");
        assertThat(token(dialect.credential(headers, "GET", "/v1/session/who-am-i")))
                .isEmpty();
        headers.remove("Authorization");
        assertThat(dialect.credential(headers, "GET", "/v1/session/who-am-i")).isEmpty();
    }
}
