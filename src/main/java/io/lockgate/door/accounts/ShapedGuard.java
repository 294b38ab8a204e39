package io.lockgate.door.accounts;

import io.lockgate.door.Json;
import io.lockgate.http.DirectAnswer;
import io.lockgate.identity.Guard;
import io.lockgate.identity.Refusal;
import io.vertx.ext.web.RoutingContext;

/** A guard whose refusals are one of the {@link Shape}s. */
abstract class ShapedGuard implements Guard {
    private final Shape shape;
    private final int goneStatus;

    /** @param goneStatus what somebody gets whose user was deleted */
    ShapedGuard(Shape shape, int goneStatus) {
        this.shape = shape;
        this.goneStatus = goneStatus;
    }

    @Override
    public void refuse(RoutingContext exchange, Refusal why) {
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
