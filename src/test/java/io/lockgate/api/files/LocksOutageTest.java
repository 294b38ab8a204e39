package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockgate.postgres.PostgresOutageTest;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without Postgres both APIs answer 503 in their own formats within 2 s, and recover by themselves. */
@QuarkusTest
@QuarkusTestResource(value = PostgresOutageTest.CutOffPostgres.class, restrictToAnnotatedClass = true)
@Tag("slow")
public class LocksOutageTest {
    @TestHTTPResource("/")
    URI base;

    public @Nullable Consumer<String> network;

    private String bearer = "";
    private String sid = "";

    @ParameterizedTest
    @DisplayName("While Postgres is away, the admin and courses APIs answer 503 in time, and recover by themselves")
    @ValueSource(strings = {"refuse", "swallow"})
    void unavailableInTime(String how) {
        Consumer<String> way = Objects.requireNonNull(network);
        Accounts accounts = new Accounts(new RawHttp(base));
        Accounts.Account ann = accounts.make("manage-locks", "force-locks", "edit-course", "manage-catalog");
        bearer = accounts.bearer(ann);
        sid = accounts.sid(ann);
        assertThat(send("GET /admin/locks").status()).isEqualTo(200);
        way.accept(how);
        try {
            for (String call : new String[] {
                "POST /admin/lock " + JsonText.object("route", "r", "id", 1),
                "DELETE /admin/remove-lock " + JsonText.object("route", "r", "id", 1),
                "GET /admin/locks",
                "DELETE /admin/locks/r/1?force=true&reason=x"
            }) {
                isUnavailable(call, JsonText.object("data", "Service unavailable", "code", 503));
            }
            for (String call : new String[] {
                "POST /locks "
                        + JsonText.object(
                                "type", "gadget", "subject", JsonText.nested("courseId", "abcdef", "gadgetId", "g")),
                "GET /locks?subject.courseId=abcdef",
                "DELETE /locks/1",
                "PUT /courses/abcdef",
                "PUT /courses/abcdef/gadgets/g"
            }) {
                isUnavailable(call, JsonText.object("error", 503, "message", "Service unavailable"));
            }
        } finally {
            way.accept("restore");
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> send("GET /admin/locks").status() == 200
                        && send("PUT /courses/abcdef").status() == 200);
    }

    private void isUnavailable(String call, String body) {
        long began = System.nanoTime();
        Answer answer = send(call);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).as(call).isLessThan(Duration.ofSeconds(2));
        assertThat(answer.status()).as(call + answer.text()).isEqualTo(503);
        assertThat(answer.text()).isEqualTo(body);
        assertThat(answer.header("retry-after")).contains("1");
    }

    private Answer send(String call) {
        String[] parts = call.split(" ", 3);
        byte @Nullable [] body = parts.length < 3 ? null : parts[2].getBytes(StandardCharsets.UTF_8);
        return new RawHttp(base)
                .send(
                        parts[0],
                        parts[1],
                        body,
                        "Content-Type: application/json",
                        parts[1].startsWith("/admin") ? bearer : sid);
    }
}
