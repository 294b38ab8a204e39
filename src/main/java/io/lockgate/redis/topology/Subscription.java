package io.lockgate.redis.topology;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A connection of its own that listens to one channel of a server. Messages come on the event loop on which it is made. What
 * is published while there is none is not heard of.
 */
public final class Subscription {
    private final Redis client;
    private final RedisServer server;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Runnable whenEnded;
    private volatile boolean heard;

    private Subscription(Redis client, RedisServer server, Runnable whenEnded) {
        this.client = client;
        this.server = server;
        this.whenEnded = whenEnded;
    }

    /**
     * @param message told each message
     * @param whenEnded told once when the connection has ended or could not be made
     */
    static Subscription begin(
            Vertx vertx,
            RedisOptions options,
            RedisServer server,
            String channel,
            Consumer<String> message,
            Runnable whenEnded) {
        Subscription subscription = new Subscription(Redis.createClient(vertx, options), server, whenEnded);
        subscription
                .client
                .connect()
                .compose(connection -> subscription.listen(connection, channel, message))
                .onFailure(failure -> subscription.end());
        return subscription;
    }

    private Future<?> listen(RedisConnection connection, String channel, Consumer<String> message) {
        connection.handler(pushed -> hear(pushed, message));
        connection.endHandler(ignored -> end());
        connection.exceptionHandler(failure -> end());
        return connection.send(Request.cmd(Command.SUBSCRIBE).arg(channel));
    }

    /** {@code ["message", channel, text]}, {@code ["subscribe", channel, 1]}, or the refusal of the subscription. */
    private void hear(Response pushed, Consumer<String> message) {
        if (pushed.type() == ResponseType.ERROR) {
            end();
            return;
        }
        if (pushed.size() < 3) {
            return;
        }
        heard = true;
        if (pushed.get(0).toString().equals("message")) {
            message.accept(pushed.get(2).toString());
        }
    }

    /** Whether the server has confirmed it, and the connection stands. */
    public boolean isUp() {
        return heard && !ended.get();
    }

    /** The server that it listens to. */
    public RedisServer server() {
        return server;
    }

    /** Ends it; more than once does nothing. */
    public void end() {
        if (ended.compareAndSet(false, true)) {
            client.close();
            whenEnded.run();
        }
    }
}
