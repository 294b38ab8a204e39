package io.lockgate.api.accounts;

import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.Passwords;
import io.quarkus.security.AuthenticationFailedException;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Failures of the calls of this package. What fails before one of them is reached is the matter of the doors they stand in,
 * which use the same words.
 */
final class AccountProblems {
    private static final Logger LOG = Logger.getLogger(AccountProblems.class);

    private AccountProblems() {}

    static Response answer(ReplyFormat shape, Throwable failure) {
        return switch (failure) {
            case AccountProblemException e -> shape.failure(e.status(), e.message());
            case IdentityUnavailableException e -> shape.failure(503, Duration.ofSeconds(1));
            case Passwords.BusyException e -> shape.failure(503, Duration.ofSeconds(1));
            case AuthenticationFailedException e -> shape.failure(401);
            default -> {
                LOG.error("a request failed", failure);
                yield shape.failure(500);
            }
        };
    }
}
