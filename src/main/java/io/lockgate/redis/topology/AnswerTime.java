package io.lockgate.redis.topology;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/**
 * The time that Redis has for an answer. An event loop that is busy reads late: when the time is over, it looks once more
 * at its sockets before it takes the answer for missing. A time-out that came before it looked would cost the connection,
 * and with it all other calls that wait on it, while Redis has long answered.
 */
public final class AnswerTime {
    /** After at least one more look: timers run behind the sockets that are ready. */
    private static final long LOOK_MILLIS = 1;

    private AnswerTime() {}

    /**
     * The answer, or a failure when it has not come in time. To be called on an event loop.
     *
     * @param millis how long to wait; at least 1
     */
    public static <T extends @Nullable Object> Future<T> limit(Vertx vertx, Future<T> answer, long millis) {
        if (answer.isComplete()) {
            return answer;
        }
        Promise<T> promise = Promise.promise();
        long timer = vertx.setTimer(
                Math.max(1, millis),
                over -> vertx.setTimer(LOOK_MILLIS, looked -> promise.tryFail("no answer in " + millis + " ms")));
        answer.onComplete(done -> {
            vertx.cancelTimer(timer);
            if (done.succeeded()) {
                promise.tryComplete(done.result());
            } else {
                promise.tryFail(done.cause());
            }
        });
        return promise.future();
    }
}
