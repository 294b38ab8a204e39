package io.lockgate.http;

import io.lockgate.identity.Credential;
import io.lockgate.identity.IdentityService;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;

/** Turns a credential into who carries it. */
@Singleton
final class CredentialIdentityProvider implements IdentityProvider<CredentialRequest> {
    private final IdentityService identities;

    CredentialIdentityProvider(IdentityService identities) {
        this.identities = identities;
    }

    @Override
    public Class<CredentialRequest> getRequestType() {
        return CredentialRequest.class;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(CredentialRequest request, AuthenticationRequestContext context) {
        Credential credential = request.credential();
        return identities
                .verify(credential.token(), credential.kinds(), request.network())
                .map(found -> {
                    if (found.isEmpty()) {
                        throw new AuthenticationFailedException();
                    }
                    return new LockgateSecurityIdentity(found.get());
                });
    }
}
