package io.lockgate.api.accounts;

import io.lockgate.http.AuthenticationFailure;
import io.lockgate.http.AuthenticationPolicy;
import io.lockgate.http.DirectAnswer;
import io.lockgate.http.Json;
import io.vertx.ext.web.RoutingContext;

/** A guard whose refusals are one of the {@link ReplyFormat}s. */
abstract class ReplyAuthentication implements AuthenticationPolicy {
    private final ReplyFormat shape;
    private final int goneStatus;

    /** @param goneStatus what somebody gets whose user was deleted */
    ReplyAuthentication(ReplyFormat shape, int goneStatus) {
        this.shape = shape;
        this.goneStatus = goneStatus;
    }

    @Override
    public void refuse(RoutingContext exchange, AuthenticationFailure why) {
        int status =
                switch (why) {
                    case NOT_AUTHENTICATED -> 401;
                    case USER_GONE -> goneStatus;
                    case UNAVAILABLE -> 503;
                    case TOO_MANY -> 429;
                };
        DirectAnswer.send(
                exchange,
                status,
                Json.write(shape.body(status, shape.words(status))),
                status == 503 || status == 429 ? 1L : null);
    }

    static boolean is(String path, String exactly) {
        return path.equals(exactly) || path.equals(exactly + "/");
    }
}
