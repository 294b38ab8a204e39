package io.lockgate.http;

import io.lockgate.identity.Credential;
import io.quarkus.security.identity.request.BaseAuthenticationRequest;
import java.util.function.Supplier;

/** A credential on its way from the mechanism to the provider. */
public final class CredentialRequest extends BaseAuthenticationRequest {
    private final Credential credential;
    private final Supplier<String> network;

    /** @param network the key of the network it came from */
    CredentialRequest(Credential credential, Supplier<String> network) {
        this.credential = credential;
        this.network = network;
    }

    Supplier<String> network() {
        return network;
    }

    Credential credential() {
        return credential;
    }
}
