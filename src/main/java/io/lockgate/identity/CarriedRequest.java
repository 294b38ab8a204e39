package io.lockgate.identity;

import io.quarkus.security.identity.request.BaseAuthenticationRequest;
import java.util.function.Supplier;

/** A credential on its way from the mechanism to the provider. */
public final class CarriedRequest extends BaseAuthenticationRequest {
    private final Carried carried;
    private final Supplier<String> network;

    /** @param network the key of the network it came from */
    CarriedRequest(Carried carried, Supplier<String> network) {
        this.carried = carried;
        this.network = network;
    }

    Supplier<String> network() {
        return network;
    }

    Carried carried() {
        return carried;
    }
}
