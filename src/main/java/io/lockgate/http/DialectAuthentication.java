package io.lockgate.http;

import io.lockgate.http.connection.ClientAddress;
import io.lockgate.http.connection.Connections;
import io.lockgate.identity.Caller;
import io.lockgate.identity.Credential;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.TooManyUnknownException;
import io.quarkus.arc.All;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Asks everybody who they are before anything else looks at a request, by the guard of the door whose path is asked. Closed
 * unless a guard opens it. A refusal is answered by the guard at once, so it never takes another door's shape or the
 * framework's.
 */
@Singleton
public final class DialectAuthentication implements HttpAuthenticationMechanism {
    private static final Logger LOG = Logger.getLogger(DialectAuthentication.class);
    private static final BiConsumer<RoutingContext, Throwable> FAILED = DialectAuthentication::refuse;
    private static final String GUARD = "lockgate.identity.guard";

    private final List<AuthenticationPolicy> guards;

    DialectAuthentication(@All List<AuthenticationPolicy> guards) {
        this.guards = guards;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext exchange, IdentityProviderManager providers) {
        String path = exchange.normalizedPath();
        String method = exchange.request().method().name();
        AuthenticationPolicy guard = guardOf(path);
        if (guard.isOpen(method, path)) {
            return Uni.createFrom().nullItem();
        }
        exchange.put(GUARD, guard);
        exchange.put(QuarkusHttpUser.AUTH_FAILURE_HANDLER, FAILED);
        Optional<Credential> carried = guard.carried(exchange, method, path);
        if (carried.isEmpty()) {
            return Uni.createFrom().failure(new AuthenticationFailedException());
        }
        return providers
                .authenticate(new CredentialRequest(carried.get(), () -> ClientAddress.network(exchange)))
                .invoke(who -> admit(exchange, who));
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext exchange) {
        return Uni.createFrom().nullItem();
    }

    /** For whoever in the framework asks for a challenge later. */
    @Override
    public Uni<Boolean> sendChallenge(RoutingContext exchange) {
        refuse(exchange, new AuthenticationFailedException());
        return Uni.createFrom().item(true);
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of(CredentialRequest.class);
    }

    private static void admit(RoutingContext exchange, SecurityIdentity who) {
        Caller identity = ((LockgateSecurityIdentity) who).identity();
        if (!identity.exists()) {
            throw new UserGoneException();
        }
        CurrentCaller.set(exchange, identity);
        Connections.verified(exchange);
    }

    private static void refuse(RoutingContext exchange, Throwable failure) {
        if (exchange.response().ended() || exchange.response().closed()) {
            return;
        }
        AuthenticationPolicy guard = Objects.requireNonNullElse(
                exchange.<@Nullable AuthenticationPolicy>get(GUARD), UnownedPathPolicy.INSTANCE);
        guard.refuse(exchange, refusal(failure));
    }

    private static AuthenticationFailure refusal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UserGoneException) {
                return AuthenticationFailure.USER_GONE;
            }
            if (cause instanceof AuthenticationFailedException) {
                return AuthenticationFailure.NOT_AUTHENTICATED;
            }
            if (cause instanceof TooManyUnknownException) {
                return AuthenticationFailure.TOO_MANY;
            }
            if (cause instanceof IdentityUnavailableException) {
                return AuthenticationFailure.UNAVAILABLE;
            }
        }
        LOG.error("a credential could not be checked", failure);
        return AuthenticationFailure.UNAVAILABLE;
    }

    private AuthenticationPolicy guardOf(String path) {
        for (AuthenticationPolicy guard : guards) {
            if (guard.owns(path)) {
                return guard;
            }
        }
        return UnownedPathPolicy.INSTANCE;
    }

    private static final class UserGoneException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UserGoneException() {
            super("the user was deleted", null, false, false);
        }
    }
}
