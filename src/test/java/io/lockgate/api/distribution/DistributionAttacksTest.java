package io.lockgate.api.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.distribution.BlockPage;
import io.lockgate.distribution.DistributionMap;
import io.lockgate.distribution.Distributions;
import io.lockgate.distribution.Report;
import io.lockgate.identity.Caller;
import io.lockgate.identity.Permission;
import io.lockgate.range.ByteRange;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.Callers;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks that succeeded once. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class DistributionAttacksTest {
    @TestHTTPResource("/")
    URI base;

    RawHttp http;
    String file;
    String target;

    @BeforeEach
    void client() {
        http = new RawHttp(base);
        file = UUID.randomUUID().toString();
        target = "/api/v3/oneprovider/data/" + file + "/distribution";
    }

    /** They once cost an event loop the square of their number: these would have taken an hour. */
    @Test
    @DisplayName("Many blanks between entity tags take linear time")
    @Timeout(60)
    void blanksInConditions() {
        put(target + "/p", "[[0,1]]");
        for (int blanks : new int[] {100, 8_000, 64_000}) {
            String list = "\"a\"," + " ".repeat(blanks) + "x";
            assertThat(http.get(target + "/p", "If-None-Match: " + list).status())
                    .isEqualTo(400);
            assertThat(http.delete(target + "/p", "If-Match: " + list).status()).isEqualTo(400);
        }
    }

    /** Each report that comes byte by byte holds a thread. */
    @Test
    @DisplayName("Slow short reports do not occupy all worker threads")
    @Timeout(60)
    void manySlowReports() throws IOException {
        String body = JsonText.object("blocks", JsonText.raw("[[0,1]]"));
        // Two callers, for one gets half of the places.
        Accounts accounts = new Accounts(http);
        String[] tokens = {http.token(), accounts.token(accounts.user("report-any-distribution"), "bearer")};
        List<RawHttp.Connection> slow = new ArrayList<>();
        try {
            // One after the other: what is told to come again for other reasons holds no place.
            RawHttp.Answer refused = put(target + "/p", "[[0,1]]");
            for (int i = 0; i < 200 && refused.status() != 503; i++) {
                RawHttp.Connection one = http.connect();
                slow.add(one);
                one.write("PUT " + target + "/slow" + i + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                        + tokens[i % 2] + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body.substring(0, 5));
                refused = put(target + "/p", "[[0,1]]");
            }
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.json().get("error").textValue()).isEqualTo("temporaryFailure");
            assertThat(refused.header("retry-after")).isPresent();
            Map<Integer, Integer> statuses = new TreeMap<>();
            for (RawHttp.Connection one : slow) {
                one.write(body.substring(5));
                statuses.merge(one.read("PUT").status(), 1, Integer::sum);
            }
            // The last may have come when the one that asked had a place.
            assertThat(statuses.get(201)).as(statuses.toString()).isBetween(63, 64);
            assertThat(put(target + "/p", "[[0,1]]").status()).isIn(201, 204);
        } finally {
            for (RawHttp.Connection one : slow) {
                one.close();
            }
        }
    }

    @Test
    @DisplayName("Empty elements of a list of entity tags are ignored, and several header lines are one list")
    void listsOfTags() {
        String tag = put(target + "/p", "[[0,1]]").header("etag").orElseThrow();
        assertThat(put(target + "/p", "[[0,1]]", "If-Match: \"a\",, W/\"b\" ,\t" + tag + ",")
                        .status())
                .isEqualTo(204);
        String second = http.get(target + "/p").header("etag").orElseThrow();
        assertThat(put(target + "/p", "[[0,2]]", "If-Match: \"a\"", "If-Match: " + second)
                        .status())
                .isEqualTo(204);
    }

    /** All of its blocks were reported after the read began. */
    @Test
    @DisplayName("A page without blocks does not end the answer")
    void pageWithoutBlocks() {
        List<BlockPage> pages = List.of(
                new BlockPage(List.of(ByteRange.between(0, 0)), Optional.of("1")),
                new BlockPage(List.of(), Optional.of("2")),
                new BlockPage(List.of(ByteRange.between(5, 5)), Optional.empty()));
        DistributionMap map = (DistributionMap) Proxy.newProxyInstance(
                DistributionMap.class.getClassLoader(),
                new Class<?>[] {DistributionMap.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("onBehalfOf")) {
                        return proxy;
                    }
                    Optional<?> after = (Optional<?>) arguments[2];
                    return Uni.createFrom()
                            .item(pages.get(after.isEmpty() ? 0 : Integer.parseInt((String) after.get())));
                });
        Distributions distributions = new Distributions(map);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Caller caller = Callers.user(1, "ann", Permission.READ_DISTRIBUTION);
        ReportWriter.one(distributions, caller, "f", new Report("p", "r", "h"))
                .collect()
                .asList()
                .await()
                .indefinitely()
                .forEach(all::writeBytes);
        assertThat(all.toString(StandardCharsets.UTF_8)).isEqualTo("""
                {"providerId":"p","blocks":[[0,1],[5,1]],"totalBlocksSize":2}""");
    }

    @ParameterizedTest
    @DisplayName(
            "A path that the router normalises names the same report or is refused, and never changes another report")
    @ValueSource(
            strings = {
                "/api//v3/oneprovider/data/%s/distribution/p",
                "/api/v3//oneprovider/data/%s/distribution/p",
                "/data/%s//distribution/p",
                "/api/x/../v3/oneprovider/data/%s/distribution/p",
            })
    void oddPaths(String path) {
        RawHttp.Answer answer = put(path.formatted(file), "[[0,1]]");
        if (answer.status() == 201) {
            assertThat(http.get(target + "/p").status()).isEqualTo(200);
        } else {
            assertThat(answer.status()).isIn(400, 404);
        }
    }

    @Test
    @DisplayName("An empty or inapplicable condition is refused, not ignored")
    void conditionsAreNotPassedOver() {
        put(target + "/p", "[[0,1]]");
        assertThat(put(target + "/p", "[[1,1]]", "If-Match:").status()).isIn(400, 412);
        assertThat(http.delete(target + "/p", "If-Match:").status()).isIn(400, 412);
        assertThat(http.delete(target + "/p", "If-None-Match: *").status()).isIn(400, 412);
    }

    @Test
    @DisplayName("A body that is not UTF-8 gets 400")
    void onlyUtf8() {
        byte[] body = JsonText.object("blocks", JsonText.raw("[[7,7]]")).getBytes(StandardCharsets.UTF_16);
        assertThat(http.send("PUT", target + "/p", body).status()).isEqualTo(400);
    }

    private RawHttp.Answer put(String path, String blocks, String... headers) {
        return http.send(
                "PUT", path, JsonText.object("blocks", JsonText.raw(blocks)).getBytes(StandardCharsets.UTF_8), headers);
    }
}
