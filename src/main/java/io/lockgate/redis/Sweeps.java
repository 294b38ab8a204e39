package io.lockgate.redis;

import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.range.LockTableUnavailableException;
import io.smallrye.mutiny.CompositeException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/** One sweep over all buckets. */
final class Sweeps {
    /** Rounds of one sweep in one place, after which the next sweep goes on. */
    static final int ROUNDS = 200;

    private Sweeps() {}

    /**
     * Sweeps bucket after bucket, not one within the other: there may be many thousand. One that is being repaired is
     * left out. One that fails fails the sweep, behind all others.
     *
     * @param sweep of one bucket; answers how many rows went
     */
    static Uni<Long> overAll(RedisKeys keys, IntFunction<Uni<Long>> sweep) {
        return Multi.createFrom()
                .range(0, keys.buckets())
                .onItem()
                .transformToUni(bucket ->
                        sweep.apply(bucket).onFailure(Sweeps::isUnderRepair).recoverWithItem(0L))
                .collectFailures()
                .concatenate()
                .collect()
                .with(Collectors.summingLong(Long::longValue))
                .onFailure(CompositeException.class)
                .transform(failures -> failures.getCauses().getFirst());
    }

    private static boolean isUnderRepair(Throwable failure) {
        return switch (failure) {
            case LockTableUnavailableException table -> table.isUnderRepair();
            case MapUnavailableException map -> map.isUnderRepair();
            default -> false;
        };
    }
}
