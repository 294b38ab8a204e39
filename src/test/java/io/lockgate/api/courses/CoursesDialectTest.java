package io.lockgate.api.courses;

import static io.lockgate.testing.Carriers.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.Carriers;
import io.vertx.core.MultiMap;
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
        headers.remove("SID");
        assertThat(token(dialect.credential(headers, "GET", "/courses"))).isEqualTo("b");
        assertThat(dialect.credential(headers, "GET", "/locks")).isEmpty();
    }
}
