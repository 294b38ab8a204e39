package io.lockgate.http;

import io.lockgate.http.Problem.Dependency;
import io.lockgate.http.connection.ClientAddress;
import io.lockgate.http.connection.Connections;
import io.lockgate.identity.Caller;
import io.lockgate.identity.Credential;
import io.lockgate.identity.IdentityUnavailableException;
import io.lockgate.identity.TooManyUnknownException;
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
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/**
 * Authenticates every request before it reaches a resource, with the credential that the {@link Dialect} of its
 * path names. A path is closed unless its dialect opens it. A refusal is answered at once in the format of the dialect.
 *
 * <p>Paths are normalised, as the router matches them: without dot segments, needless percent-encoding and doubled
 * slashes. So there is no spelling by which a request reaches a resource without its credential.
 */
@Singleton
public final class DialectAuthentication implements HttpAuthenticationMechanism {
    private static final Logger LOG = Logger.getLogger(DialectAuthentication.class);

    private final Dialects dialects;
    private final BiConsumer<RoutingContext, Throwable> refusing = this::refuse;

    DialectAuthentication(Dialects dialects) {
        this.dialects = dialects;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext context, IdentityProviderManager providers) {
        String path = context.normalizedPath();
        String method = context.request().method().name();
        Dialect dialect = dialects.of(path);
        if (dialect.isOpen(method, path)) {
            return Uni.createFrom().nullItem();
        }
        context.put(QuarkusHttpUser.AUTH_FAILURE_HANDLER, refusing);
        Optional<Credential> credential = credential(dialect, context);
        if (credential.isEmpty()) {
            return Uni.createFrom().failure(new AuthenticationFailedException());
        }
        Uni<SecurityIdentity> identified = Uni.createFrom()
                .deferred(() -> providers.authenticate(
                        new CredentialRequest(credential.get(), () -> ClientAddress.network(context))));
        return identified.invoke(identity -> admit(context, identity, identified));
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext context) {
        return Uni.createFrom().nullItem();
    }

    /** For parts of the framework that ask for a challenge later. */
    @Override
    public Uni<Boolean> sendChallenge(RoutingContext context) {
        refuse(context, new AuthenticationFailedException());
        return Uni.createFrom().item(true);
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of(CredentialRequest.class);
    }

    private static Optional<Credential> credential(Dialect dialect, RoutingContext context) {
        return dialect.credential(
                context.request().headers(), context.request().method().name(), context.normalizedPath());
    }

    /** @param identified looks the identity up, each time it is asked */
    private static void admit(RoutingContext context, SecurityIdentity identity, Uni<SecurityIdentity> identified) {
        CurrentCaller.set(context, existing(identity), () -> identified.map(DialectAuthentication::existing));
        Connections.verified(context);
    }

    private static Caller existing(SecurityIdentity identity) {
        Caller caller = ((LockgateSecurityIdentity) identity).caller();
        if (!caller.exists()) {
            throw new ProblemException(new Problem.UserDeleted());
        }
        return caller;
    }

    private void refuse(RoutingContext context, Throwable failure) {
        if (context.response().ended() || context.response().closed()) {
            return;
        }
        Dialect dialect = dialects.of(context.normalizedPath());
        dialect.render(problemOf(dialect, context, failure)).send(context);
    }

    private static Problem problemOf(Dialect dialect, RoutingContext context, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case ProblemException e -> {
                    return e.problem();
                }
                case AuthenticationFailedException e -> {
                    return new Problem.NotAuthenticated(credential(dialect, context));
                }
                case TooManyUnknownException e -> {
                    return new Problem.TooManyUnknownCredentials();
                }
                case IdentityUnavailableException e -> {
                    return Problem.Unavailable.of(Dependency.IDENTITY);
                }
                default -> {
                    // Perhaps its cause is known.
                }
            }
        }
        LOG.error("a credential could not be checked", failure);
        return Problem.Unavailable.of(Dependency.IDENTITY);
    }
}
