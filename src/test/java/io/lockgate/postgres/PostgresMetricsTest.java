package io.lockgate.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.telemetry.PostgresMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PostgresMetricsTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @Test
    @DisplayName("The meters count running, waiting, refused and late calls by use, and go back to zero")
    void followTheBulkheads() {
        PostgresBulkheads bulkheads = new PostgresBulkheads(PostgresBulkheads.MIN_CONNECTIONS);
        PostgresMetrics.register(bulkheads, meters);
        Runnable impatient = () -> {};
        bulkheads.enter(PostgresUse.ROUTE_LOCKS, () -> {});
        bulkheads.enter(PostgresUse.ROUTE_LOCKS, impatient);
        assertThat(gauge("running")).isOne();
        assertThat(gauge("waiting")).isOne();
        bulkheads.withdraw(PostgresUse.ROUTE_LOCKS, impatient);
        bulkheads.tooLate(PostgresUse.ROUTE_LOCKS);
        bulkheads.leave(PostgresUse.ROUTE_LOCKS);
        assertThat(gauge("running")).isZero();
        assertThat(gauge("waiting")).isZero();
        assertThat(counter("refused")).isOne();
        assertThat(counter("late")).isOne();
    }

    private double gauge(String name) {
        return meters.get("lockgate.postgres." + name)
                .tag("use", "route-locks")
                .gauge()
                .value();
    }

    private double counter(String name) {
        return meters.get("lockgate.postgres." + name)
                .tag("use", "route-locks")
                .functionCounter()
                .count();
    }
}
