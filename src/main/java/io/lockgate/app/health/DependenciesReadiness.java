package io.lockgate.app.health;

import io.lockgate.postgres.PostgresProbe;
import io.lockgate.redis.ClockWatch;
import io.lockgate.redis.RedisLockQueue;
import io.lockgate.redis.RedisRangeLockTable;
import io.lockgate.redis.ScriptRunner;
import io.lockgate.redis.ScriptRunner.Reach;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Readiness: up while Redis or Postgres answers. Without Postgres the files API goes on, without Redis the APIs on
 * Postgres do (docs/failures.md); and what one replica cannot reach the others cannot either, so taking all of them out
 * of service would make a partial outage whole. The answer says which of them is missing. A store that is set otherwise
 * than this gateway, or of a newer format, counts as one that does not answer.
 */
@Readiness
@Singleton
final class DependenciesReadiness implements AsyncHealthCheck {
    private final ScriptRunner redis;
    private final RedisLockQueue queue;
    private final PostgresProbe postgres;
    private final ClockWatch clocks;

    DependenciesReadiness(ScriptRunner redis, RedisRangeLockTable table, PostgresProbe postgres, ClockWatch clocks) {
        this.redis = redis;
        this.queue = table.queue();
        this.postgres = postgres;
        this.clocks = clocks;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return Uni.combine().all().unis(redis.standing(), postgres.answers()).with((standing, postgresAnswers) -> {
            HealthCheckResponseBuilder response = HealthCheckResponse.named("dependencies")
                    .status((standing.reach() != Reach.NONE && redis.refusal().isEmpty()) || postgresAnswers)
                    .withData("redis", redis.refusal().orElseGet(() -> word(standing.reach())))
                    .withData("postgres", word(postgresAnswers));
            if (!standing.trouble().isEmpty()) {
                response.withData("redis-trouble", standing.trouble());
            }
            if (!queue.isToldAtOnce()) {
                response.withData("redis-messages", "not heard: calls that wait are served up to 2 s later");
            }
            clocks.trouble().ifPresent(trouble -> response.withData("redis-clock", trouble));
            return response.build();
        });
    }

    private static String word(Reach reach) {
        return switch (reach) {
            case ALL -> "answers";
            case SOME -> "answers in part";
            case NONE -> "does not answer";
        };
    }

    private static String word(boolean answers) {
        return answers ? "answers" : "does not answer";
    }
}
