package io.lockgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.bench.ListingCheck;
import io.lockgate.bench.LoadCheck;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The short forms of {@code bench/http} and {@code bench/listing}. No time is judged here. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class LoadTest {
    @TestHTTPResource("/")
    URI gateway;

    @Test
    @DisplayName("Under load no two grants conflict at any moment, and SCRIPT FLUSH is not noticed")
    void conflictingGrantsNeverStandTogether() throws InterruptedException {
        LoadCheck.Report report = LoadCheck.run(new LoadCheck.Plan(
                gateway,
                List.of("Authorization: Bearer " + new RawHttp(gateway).token()),
                50,
                2,
                Duration.ofSeconds(5),
                Optional.of(new LoadCheck.FlushScripts(Servers.redisUri(), Duration.ofSeconds(1)))));

        assertThat(report.errors()).as(report.toString()).isEmpty();
        assertThat(report.answers()).containsKeys("acquire 200", "acquire 409", "release 200", "renew 200", "test 200");
        assertThat(report.flushes()).isPositive();
    }

    @Test
    @DisplayName("A grant that is held while its machine is listed is listed exactly once")
    void standingGrantsAreListedExactlyOnce() throws IOException, InterruptedException {
        ListingCheck.Report report = ListingCheck.run(new ListingCheck.Plan(
                gateway,
                List.of("Authorization: Bearer " + new RawHttp(gateway).token()),
                5_000,
                100,
                8,
                Duration.ofMillis(1),
                2));

        assertThat(report.errors()).as(report.toString()).isEmpty();
        assertThat(report.rows()).isGreaterThanOrEqualTo(5_000);
        assertThat(report.beside().size()).isPositive();
    }
}
