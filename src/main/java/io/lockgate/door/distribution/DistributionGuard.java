package io.lockgate.door.distribution;

import io.lockgate.identity.Carried;
import io.lockgate.identity.Carriers;
import io.lockgate.identity.Guard;
import io.lockgate.identity.Identities;
import io.lockgate.identity.Refusal;
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
final class DistributionGuard implements Guard {
    /** The longest token, in bytes. */
    private static final int MAX_TOKEN = 1 << 20;

    private final DistributionDoor door;
    private final Identities identities;

    DistributionGuard(DistributionDoor door, Identities identities) {
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
    public Optional<Carried> carried(RoutingContext exchange, String method, String path) {
        return Carriers.distribution(exchange.request().headers());
    }

    @Override
    public void refuse(RoutingContext exchange, Refusal why) {
        door.send(
                exchange,
                switch (why) {
                    case NOT_AUTHENTICATED ->
                        Carriers.distribution(exchange.request().headers())
                                .map(carried -> fault(carried.token()))
                                .orElse(Fault.NO_TOKEN);
                    case USER_GONE -> invalid();
                    case UNAVAILABLE -> Fault.UNAVAILABLE;
                    case TOO_MANY -> Fault.TOO_MANY;
                });
    }

    private Fault fault(String token) {
        if (token.length() > MAX_TOKEN) {
            return Fault.tokenTooLarge(MAX_TOKEN);
        }
        return identities.understands(token)
                ? invalid()
                : Fault.badToken("badToken", Map.of(), "Provided token could not be understood by the server.");
    }

    private static Fault invalid() {
        return Fault.badToken("tokenInvalid", Map.of(), "Provided token is not valid.");
    }
}
