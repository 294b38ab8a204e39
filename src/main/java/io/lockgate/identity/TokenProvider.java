package io.lockgate.identity;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;

/** Turns a credential into who carries it. */
@Singleton
final class TokenProvider implements IdentityProvider<CarriedRequest> {
    private final Identities identities;

    TokenProvider(Identities identities) {
        this.identities = identities;
    }

    @Override
    public Class<CarriedRequest> getRequestType() {
        return CarriedRequest.class;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(CarriedRequest request, AuthenticationRequestContext context) {
        Carried carried = request.carried();
        return identities
                .verify(carried.token(), carried.kinds(), request.network())
                .map(found -> {
                    if (found.isEmpty()) {
                        throw new AuthenticationFailedException();
                    }
                    return new Verified(found.get());
                });
    }
}
