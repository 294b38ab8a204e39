package io.lockgate.api.accounts;

import io.lockgate.http.CurrentCaller;
import io.lockgate.identity.Caller;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;
import java.util.function.Supplier;

/** Runs a call of this package: permission first, and whatever fails is told in the right shape. */
final class AccountCalls {
    private AccountCalls() {}

    /** For callers who hold {@code permission} everywhere. */
    static Uni<Response> permitted(RoutingContext exchange, String permission, Function<Caller, Uni<Response>> work) {
        return shaped(ReplyFormat.ADMIN, () -> {
            Caller identity = CurrentCaller.confirmed(exchange);
            return identity.may(permission)
                    ? work.apply(identity)
                    : Uni.createFrom().item(ReplyFormat.ADMIN.failure(403));
        });
    }

    /** For anybody who came in. */
    static Uni<Response> identified(RoutingContext exchange, ReplyFormat shape, Function<Caller, Uni<Response>> work) {
        return shaped(shape, () -> work.apply(CurrentCaller.confirmed(exchange)));
    }

    static Uni<Response> shaped(ReplyFormat shape, Supplier<Uni<Response>> work) {
        return Uni.createFrom()
                .deferred(work::get)
                .onFailure()
                .recoverWithItem(failure -> AccountProblems.answer(shape, failure));
    }
}
