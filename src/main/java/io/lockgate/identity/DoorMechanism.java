package io.lockgate.identity;

import io.lockgate.http.ClientAddress;
import io.lockgate.http.Connections;
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
public final class DoorMechanism implements HttpAuthenticationMechanism {
    private static final Logger LOG = Logger.getLogger(DoorMechanism.class);
    private static final BiConsumer<RoutingContext, Throwable> FAILED = DoorMechanism::refuse;
    private static final String GUARD = "lockgate.identity.guard";

    private final List<Guard> guards;

    DoorMechanism(@All List<Guard> guards) {
        this.guards = guards;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext exchange, IdentityProviderManager providers) {
        String path = exchange.normalizedPath();
        String method = exchange.request().method().name();
        Guard guard = guardOf(path);
        if (guard.isOpen(method, path)) {
            return Uni.createFrom().nullItem();
        }
        exchange.put(GUARD, guard);
        exchange.put(QuarkusHttpUser.AUTH_FAILURE_HANDLER, FAILED);
        Optional<Carried> carried = guard.carried(exchange, method, path);
        if (carried.isEmpty()) {
            return Uni.createFrom().failure(new AuthenticationFailedException());
        }
        return providers
                .authenticate(new CarriedRequest(carried.get(), () -> ClientAddress.network(exchange)))
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
        return Set.of(CarriedRequest.class);
    }

    private static void admit(RoutingContext exchange, SecurityIdentity who) {
        Identity identity = ((Verified) who).identity();
        if (!identity.exists()) {
            throw new UserGoneException();
        }
        CurrentIdentity.set(exchange, identity);
        Connections.verified(exchange);
    }

    private static void refuse(RoutingContext exchange, Throwable failure) {
        if (exchange.response().ended() || exchange.response().closed()) {
            return;
        }
        Guard guard = Objects.requireNonNullElse(exchange.<@Nullable Guard>get(GUARD), NoDoorGuard.INSTANCE);
        guard.refuse(exchange, refusal(failure));
    }

    private static Refusal refusal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UserGoneException) {
                return Refusal.USER_GONE;
            }
            if (cause instanceof AuthenticationFailedException) {
                return Refusal.NOT_AUTHENTICATED;
            }
            if (cause instanceof TooManyUnknownException) {
                return Refusal.TOO_MANY;
            }
            if (cause instanceof IdentityUnavailableException) {
                return Refusal.UNAVAILABLE;
            }
        }
        LOG.error("a credential could not be checked", failure);
        return Refusal.UNAVAILABLE;
    }

    private Guard guardOf(String path) {
        for (Guard guard : guards) {
            if (guard.owns(path)) {
                return guard;
            }
        }
        return NoDoorGuard.INSTANCE;
    }

    private static final class UserGoneException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UserGoneException() {
            super("the user was deleted", null, false, false);
        }
    }
}
