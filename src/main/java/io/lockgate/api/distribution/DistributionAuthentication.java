package io.lockgate.api.distribution;

import io.lockgate.http.AuthenticationFailure;
import io.lockgate.http.AuthenticationPolicy;
import io.lockgate.http.CredentialExtractor;
import io.lockgate.identity.Credential;
import io.lockgate.identity.IdentityService;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;

/**
 * Who gets into the distribution door: whoever carries a bearer token, in one of three headers. Of a bad one it says whether it
 * could be a token at all; not whether it was revoked, has expired, is of another kind or was never given, for that is nobody's
 * business who does not hold a good one.
 */
@Singleton
final class DistributionAuthentication implements AuthenticationPolicy {
    /** The longest token, in bytes. */
    private static final int MAX_TOKEN = 1 << 20;

    private final DistributionDialect door;
    private final IdentityService identities;

    DistributionAuthentication(DistributionDialect door, IdentityService identities) {
        this.door = door;
        this.identities = identities;
    }

    @Override
    public boolean owns(String path) {
        return door.owns(path);
    }

    @Override
    public boolean isOpen(String method, String path) {
        return false;
    }

    @Override
    public Optional<Credential> carried(RoutingContext exchange, String method, String path) {
        return CredentialExtractor.distribution(exchange.request().headers());
    }

    @Override
    public void refuse(RoutingContext exchange, AuthenticationFailure why) {
        door.send(
                exchange,
                switch (why) {
                    case NOT_AUTHENTICATED ->
                        CredentialExtractor.distribution(exchange.request().headers())
                                .map(carried -> fault(carried.token()))
                                .orElse(DistributionProblem.NO_TOKEN);
                    case USER_GONE -> invalid();
                    case UNAVAILABLE -> DistributionProblem.UNAVAILABLE;
                    case TOO_MANY -> DistributionProblem.TOO_MANY;
                });
    }

    private DistributionProblem fault(String token) {
        if (token.length() > MAX_TOKEN) {
            return DistributionProblem.tokenTooLarge(MAX_TOKEN);
        }
        return identities.understands(token)
                ? invalid()
                : DistributionProblem.badToken(
                        "badToken", Map.of(), "Provided token could not be understood by the server.");
    }

    private static DistributionProblem invalid() {
        return DistributionProblem.badToken("tokenInvalid", Map.of(), "Provided token is not valid.");
    }
}
