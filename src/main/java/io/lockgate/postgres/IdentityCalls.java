package io.lockgate.postgres;

import io.lockgate.identity.IdentityUnavailableException;
import io.vertx.core.Vertx;

/**
 * Calls whose failure says whether Postgres is gone or only busy: identity remembers callers for the first case alone.
 */
final class IdentityCalls {
    private IdentityCalls() {}

    static PostgresCalls of(Vertx vertx, PostgresBulkheads bulkheads, PostgresUse use, PostgresLimits limits) {
        return new PostgresCalls(vertx, bulkheads, use, limits.timeout(), IdentityCalls::unavailable);
    }

    private static IdentityUnavailableException unavailable(String message, Throwable cause) {
        return cause instanceof BusyException
                ? IdentityUnavailableException.busy(message + ": " + cause.getMessage())
                : new IdentityUnavailableException(message, cause);
    }
}
