package io.lockgate.api.courses;

import static io.lockgate.testing.Carriers.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.identity.TokenKind;
import io.lockgate.testing.Carriers;
import io.vertx.core.MultiMap;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CoursesDialectTest {

    @Test
    @DisplayName("SID decides; in the catalogue a bearer token does when there is no SID")
    void credential() {
        CoursesDialect dialect = new CoursesDialect(() -> 1);
        MultiMap headers = Carriers.all();
        assertThat(token(dialect.credential(headers, "GET", "/courses"))).isEqualTo("s");
        assertThat(token(dialect.credential(headers, "GET", "/locks"))).isEqualTo("s");
        assertThat(kinds(dialect, "GET", "/courses")).containsExactly(TokenKind.SID);
        assertThat(kinds(dialect, "POST", "/locks")).containsExactly(TokenKind.SID);
        assertThat(kinds(dialect, "GET", "/locks")).containsExactlyInAnyOrder(TokenKind.SID, TokenKind.PARTNER);
        assertThat(kinds(dialect, "POST", "/sessions")).containsExactly(TokenKind.PARTNER);
        headers.remove("SID");
        assertThat(token(dialect.credential(headers, "GET", "/courses"))).isEqualTo("b");
        assertThat(dialect.credential(headers, "GET", "/locks")).isEmpty();
    }

    private static Set<TokenKind> kinds(CoursesDialect dialect, String method, String path) {
        return dialect.credential(Carriers.all(), method, path).orElseThrow().kinds();
    }
}
