package io.lockgate.door.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockgate.door.Json;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FaultTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The nested form carries what the flat one has no place for. */
    @Test
    void nested() throws IOException {
        Fault tooLarge = Fault.badToken("tokenTooLarge", Map.of("limit", 7), "too large");
        assertThat(MAPPER.readTree(Json.write(tooLarge.body(ErrorFormat.NESTED))))
                .isEqualTo(MAPPER.readTree("""
                        {"error":{"id":"unauthorized","description":"too large",
                         "details":{"authError":{"id":"tokenTooLarge","details":{"limit":7},"description":"too large"}}}}
                        """));
        assertThat(MAPPER.readTree(Json.write(Fault.NO_TOKEN.body(ErrorFormat.NESTED))))
                .isEqualTo(MAPPER.readTree(
                        "{\"error\":{\"id\":\"unauthorized\",\"description\":\"A token must be provided.\"}}"));
        assertThat(MAPPER.readTree(Json.write(tooLarge.body(ErrorFormat.FLAT))))
                .isEqualTo(MAPPER.readTree("{\"error\":\"unauthorized\",\"error_description\":\"too large\"}"));
    }
}
