package io.lockgate.api.admin;

import static io.lockgate.testing.Carriers.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.identity.TokenKind;
import io.lockgate.testing.Carriers;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AdminDialectTest {
    private record Limits(int bodyLimit, int pageDefault, int pageMax) implements AdminLimits {}

    @Test
    @DisplayName("The refresh cookie decides, else the bearer token; an empty cookie is none")
    void credential() {
        AdminDialect dialect = new AdminDialect(new Limits(1, 1, 1));
        MultiMap headers = Carriers.all();
        assertThat(token(dialect.credential(headers, "GET", "/admin/locks"))).isEqualTo("r");
        assertThat(dialect.credential(headers, "GET", "/admin/locks")
                        .orElseThrow()
                        .kinds())
                .containsExactly(TokenKind.REFRESH);
        headers.remove("Cookie");
        assertThat(token(dialect.credential(headers, "GET", "/admin/locks"))).isEqualTo("b");
        headers.remove("Authorization");
        assertThat(dialect.credential(headers, "GET", "/admin/locks")).isEmpty();
        headers.add("Cookie", "refreshToken=");
        assertThat(dialect.credential(headers, "GET", "/admin/locks")).isEmpty();
    }
}
