package io.lockgate.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.testing.LockClient;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Sweeps over all buckets. */
class SweepsTest {
    private final List<Integer> swept = new ArrayList<>();

    private Uni<Long> sweep(int bucket, boolean fails) {
        swept.add(bucket);
        return fails
                ? Uni.createFrom().failure(new LockTableUnavailableException("bucket " + bucket, true))
                : Uni.createFrom().item(10L + bucket);
    }

    @Test
    @DisplayName("A sweep adds up what each bucket answers")
    void sum() {
        assertThat(LockClient.get(Sweeps.overAll(new RedisKeys(4), bucket -> sweep(bucket, false))))
                .isEqualTo(46);
    }

    @Test
    @DisplayName("Buckets that fail keep no other from being swept; the sweep fails behind them")
    void failing() {
        assertThatThrownBy(() ->
                        LockClient.get(Sweeps.overAll(new RedisKeys(5), bucket -> sweep(bucket, bucket % 2 == 1))))
                .isInstanceOf(LockTableUnavailableException.class)
                .hasMessage("bucket 1");
        assertThat(swept).containsExactly(0, 1, 2, 3, 4);
    }
}
