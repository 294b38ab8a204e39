package io.lockgate.identity;

import io.quarkus.security.identity.request.BaseAuthenticationRequest;

/** A credential on its way from the mechanism to the provider. */
public final class CarriedRequest extends BaseAuthenticationRequest {
    private final Carried carried;

    CarriedRequest(Carried carried) {
        this.carried = carried;
    }

    Carried carried() {
        return carried;
    }
}
