package io.lockgate.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PostgresBulkheadsTest {
    private static final List<PostgresUse> USES = List.of(PostgresUse.values());

    private final List<String> begun = new ArrayList<>();

    @Test
    @DisplayName("A use that takes all it can leaves every other use its own places, identity most")
    void slowUseLeavesOthersTheirPlaces() {
        PostgresBulkheads bulkheads = new PostgresBulkheads(20);
        for (int i = 0; i < 100; i++) {
            enter(bulkheads, PostgresUse.COURSE_LOCKS);
        }
        int most = bulkheads.running(PostgresUse.COURSE_LOCKS);
        assertThat(most).isLessThan(20).isEqualTo(begun.size());
        assertThat(bulkheads.waiting(PostgresUse.COURSE_LOCKS)).isEqualTo(100 - most);
        for (PostgresUse use : PostgresUse.values()) {
            if (use != PostgresUse.COURSE_LOCKS) {
                for (int i = 0; i < bulkheads.places(use); i++) {
                    begun.clear();
                    enter(bulkheads, use);
                    assertThat(begun).as(use.name()).containsExactly(use.name());
                }
            }
        }
        assertThat(bulkheads.places(PostgresUse.IDENTITY)).isGreaterThanOrEqualTo(4);
        assertThat(bulkheads.running()).isEqualTo(20);
    }

    @Test
    @DisplayName("A freed place goes to another waiting use before the one with the long queue")
    void sharedPlacesGoRound() {
        PostgresBulkheads bulkheads = new PostgresBulkheads(20);
        for (int i = 0; i < 100; i++) {
            enter(bulkheads, PostgresUse.COURSE_LOCKS);
        }
        for (int i = 0; i <= bulkheads.places(PostgresUse.FILES); i++) {
            enter(bulkheads, PostgresUse.FILES);
        }
        assertThat(bulkheads.waiting(PostgresUse.FILES)).isOne();
        begun.clear();
        bulkheads.leave(PostgresUse.COURSE_LOCKS);
        assertThat(begun).containsExactly("FILES");
    }

    @Test
    @DisplayName("The queue of a use is bounded, and a cancelled call never starts")
    void queuesAreBounded() {
        PostgresBulkheads bulkheads = new PostgresBulkheads(PostgresBulkheads.MIN_CONNECTIONS);
        Runnable impatient = () -> begun.add("impatient");
        enter(bulkheads, PostgresUse.AUDIT);
        bulkheads.enter(PostgresUse.AUDIT, impatient);
        for (int i = 1; i < PostgresBulkheads.MAX_WAITING; i++) {
            assertThat(enter(bulkheads, PostgresUse.AUDIT)).isTrue();
        }
        assertThat(enter(bulkheads, PostgresUse.AUDIT)).isFalse();
        assertThat(bulkheads.withdraw(PostgresUse.AUDIT, impatient)).isTrue();
        assertThat(bulkheads.withdraw(PostgresUse.AUDIT, impatient)).isFalse();
        assertThat(bulkheads.refused(PostgresUse.AUDIT)).isEqualTo(2);
        assertThat(enter(bulkheads, PostgresUse.AUDIT)).isTrue();
        for (int i = 0; i <= PostgresBulkheads.MAX_WAITING; i++) {
            bulkheads.leave(PostgresUse.AUDIT);
        }
        assertThat(begun).hasSize(PostgresBulkheads.MAX_WAITING + 1).containsOnly("AUDIT");
        assertThat(bulkheads.running()).isZero();
    }

    @Test
    @DisplayName("A pool of any size uses no more than its connections, and no call waits that could start")
    void neverMoreThanThePool() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PostgresBulkheads(PostgresBulkheads.MIN_CONNECTIONS - 1));
        Random random = new Random(17);
        for (int connections = PostgresBulkheads.MIN_CONNECTIONS; connections < 40; connections++) {
            PostgresBulkheads bulkheads = new PostgresBulkheads(connections);
            Map<PostgresUse, Integer> running = new EnumMap<>(PostgresUse.class);
            for (int step = 0; step < 2_000; step++) {
                PostgresUse use = USES.get(random.nextInt(USES.size()));
                if (random.nextInt(3) > 0) {
                    bulkheads.enter(use, () -> running.merge(use, 1, Integer::sum));
                } else if (running.getOrDefault(use, 0) > 0) {
                    running.merge(use, -1, Integer::sum);
                    bulkheads.leave(use);
                }
                int sum = running.values().stream().mapToInt(Integer::intValue).sum();
                assertThat(bulkheads.running()).isEqualTo(sum).isLessThanOrEqualTo(connections);
                for (PostgresUse each : PostgresUse.values()) {
                    if (bulkheads.waiting(each) > 0) {
                        assertThat(bulkheads.running(each)).isGreaterThanOrEqualTo(bulkheads.places(each));
                    }
                }
            }
        }
    }

    private boolean enter(PostgresBulkheads bulkheads, PostgresUse use) {
        return bulkheads.enter(use, new Runnable() {
            @Override
            public void run() {
                begun.add(use.name());
            }
        });
    }
}
