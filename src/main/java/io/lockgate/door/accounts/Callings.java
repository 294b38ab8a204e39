package io.lockgate.door.accounts;

import io.lockgate.identity.CurrentIdentity;
import io.lockgate.identity.Identity;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;
import java.util.function.Supplier;

/** Runs a call of this package: permission first, and whatever fails is told in the right shape. */
@Singleton
final class Callings {
    private final CurrentIdentity current;

    Callings(CurrentIdentity current) {
        this.current = current;
    }

    /** For callers who hold {@code permission} everywhere. */
    Uni<Response> permitted(String permission, Function<Identity, Uni<Response>> work) {
        return shaped(Shape.ADMIN, () -> {
            Identity identity = current.confirmed();
            return identity.may(permission)
                    ? work.apply(identity)
                    : Uni.createFrom().item(Shape.ADMIN.failure(403));
        });
    }

    /** For anybody who came in. */
    Uni<Response> identified(Shape shape, Function<Identity, Uni<Response>> work) {
        return shaped(shape, () -> work.apply(current.confirmed()));
    }

    static Uni<Response> shaped(Shape shape, Supplier<Uni<Response>> work) {
        return Uni.createFrom()
                .deferred(work::get)
                .onFailure()
                .recoverWithItem(failure -> AccountsFailures.answer(shape, failure));
    }
}
