package io.lockgate.app.jobs;

import io.lockgate.app.settings.EventSettings;
import io.lockgate.redis.RedisRangeEventLog;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;

/** Has events of range locks written where the settings say always. Every replica does. */
@Singleton
final class EventKeeper {
    private final RedisRangeEventLog events;
    private final boolean always;

    EventKeeper(RedisRangeEventLog events, EventSettings settings) {
        this.events = events;
        this.always = settings.mode() == EventSettings.Mode.ALWAYS;
    }

    @Scheduled(
            every = "1m",
            delayed = "0s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    Uni<Void> register() {
        return always ? events.registerAll() : Uni.createFrom().voidItem();
    }
}
