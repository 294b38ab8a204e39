package io.lockgate.api.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.ReadTooSlowException;
import io.lockgate.http.Json;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DistributionProblemTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The nested form carries what the flat one has no place for. */
    @Test
    void nested() throws IOException {
        DistributionProblem tooLarge = DistributionProblem.badToken("tokenTooLarge", Map.of("limit", 7), "too large");
        assertThat(MAPPER.readTree(Json.write(tooLarge.body(ErrorFormat.NESTED))))
                .isEqualTo(MAPPER.readTree("""
                        {"error":{"id":"unauthorized","description":"too large",
                         "details":{"authError":{"id":"tokenTooLarge","details":{"limit":7},"description":"too large"}}}}
                        """));
        assertThat(MAPPER.readTree(Json.write(DistributionProblem.NO_TOKEN.body(ErrorFormat.NESTED))))
                .isEqualTo(MAPPER.readTree(
                        "{\"error\":{\"id\":\"unauthorized\",\"description\":\"A token must be provided.\"}}"));
        assertThat(MAPPER.readTree(Json.write(tooLarge.body(ErrorFormat.FLAT))))
                .isEqualTo(MAPPER.readTree("{\"error\":\"unauthorized\",\"error_description\":\"too large\"}"));
    }

    /** What the room says becomes a status of this dialect; without a store it is 503, and when to come again. */
    @Test
    void roomsFailures() {
        DistributionDialect door = new DistributionDialect(ErrorFormat.NESTED);
        // Only asked when the failure is nobody's.
        RoutingContext exchange = (RoutingContext) Proxy.newProxyInstance(
                DistributionProblemTest.class.getClassLoader(),
                new Class<?>[] {RoutingContext.class},
                (self, method, given) -> null);
        Response unavailable = door.answer(exchange, new MapUnavailableException("Redis is away", null));
        assertThat(unavailable.getStatus()).isEqualTo(503);
        assertThat(unavailable.getHeaderString("Retry-After")).isEqualTo("1");
        assertThat(new String((byte[]) unavailable.getEntity(), StandardCharsets.UTF_8))
                .contains("\"id\":\"serviceUnavailable\"");
        assertThat(door.answer(exchange, new ReadTooSlowException("p")).getStatus())
                .isEqualTo(503);
        assertThat(door.answer(exchange, new DistributionProblemException(DistributionProblem.BUSY))
                        .getHeaderString("Retry-After"))
                .isEqualTo("1");
    }
}
