package io.lockgate.api.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.ReadTooSlowException;
import io.lockgate.http.Json;
import io.lockgate.http.RenderedProblem;
import io.lockgate.testing.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DistributionProblemTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Test
    @DisplayName("The nested error form carries details for which the flat form has no field")
    void nested() throws IOException {
        DistributionProblem tooLarge = DistributionProblem.badToken("tokenTooLarge", Map.of("limit", 7), "too large");
        assertThat(MAPPER.readTree(Json.write(tooLarge.body(ErrorFormat.NESTED))))
                .isEqualTo(MAPPER.readTree("""
                        {"error":{"id":"unauthorized","description":"too large",
                         "details":{"authError":{"id":"tokenTooLarge","details":{"limit":7},"description":"too large"}}}}
                        """));
        assertThat(MAPPER.readTree(Json.write(DistributionProblem.NO_TOKEN.body(ErrorFormat.NESTED))))
                .isEqualTo(MAPPER.readTree(JsonText.object(
                        "error", JsonText.nested("id", "unauthorized", "description", "A token must be provided."))));
        assertThat(MAPPER.readTree(Json.write(tooLarge.body(ErrorFormat.FLAT))))
                .isEqualTo(MAPPER.readTree(JsonText.object("error", "unauthorized", "error_description", "too large")));
    }

    @Test
    @DisplayName("Domain outcomes become statuses of this API; without a store it answers 503 with Retry-After")
    void roomsFailures() {
        RenderedProblem unavailable = rendered(new MapUnavailableException("Redis is away", null));
        assertThat(unavailable.status()).isEqualTo(503);
        assertThat(unavailable.headers()).containsEntry("Retry-After", "1");
        assertThat(new String(Json.write(unavailable.body()), StandardCharsets.UTF_8))
                .contains("\"id\":\"serviceUnavailable\"");
        assertThat(rendered(new ReadTooSlowException("p")).status()).isEqualTo(503);
        assertThat(rendered(new DistributionProblemException(DistributionProblem.BUSY))
                        .headers())
                .containsEntry("Retry-After", "1");
    }

    private record Limits(int bodyLimit, int blocksPerReport, int reportsAtOnce, Duration reportTime, Duration readTime)
            implements DistributionLimits {}

    private static RenderedProblem rendered(Throwable failure) {
        DistributionDialect dialect = dialect();
        return dialect.render(dialect.problemOf(failure).orElseThrow());
    }

    @SuppressWarnings("NullAway") // Neither problems nor carriers need identities.
    static DistributionDialect dialect() {
        return new DistributionDialect(
                ErrorFormat.NESTED, new Limits(1, 1, 1, Duration.ofSeconds(1), Duration.ofSeconds(1)), null);
    }
}
