package io.lockgate.app.jobs;

import io.lockgate.identity.IdentityService;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;

/**
 * Takes tokens that ended a day ago out of the table, some at a time. Every replica does; they skip each other's rows.
 */
@Singleton
final class TokenSweeper {
    private final IdentityService identities;

    TokenSweeper(IdentityService identities) {
        this.identities = identities;
    }

    @Scheduled(
            every = "1m",
            delayed = "1m",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    Uni<Void> sweep() {
        return identities.sweep().replaceWithVoid().onFailure().recoverWithNull();
    }
}
