package io.lockgate.http;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The client of one request, which may leave before the answer: by closing the connection, or over HTTP/2 by resetting
 * the stream. A call that changes something goes on all the same ({@code @Cancellable(false)} at each such method of a
 * resource); what must not stand unless its client knows of it names its rollback here, and {@link HangUps} runs it.
 *
 * <p>Not thread-safe; belongs to the event loop of the request.
 */
public final class Recipient implements BooleanSupplier {
    private static final String ROLLBACK = "lockgate.http.rollback";

    private final RoutingContext context;

    private Recipient(RoutingContext context) {
        this.context = context;
    }

    public static Recipient of(RoutingContext context) {
        return new Recipient(context);
    }

    /** Whether the client is known to have left. Once true, it stays so. */
    public boolean isGone() {
        HttpServerResponse response = context.response();
        return !response.ended() && (response.closed() || isClosed(context));
    }

    /**
     * Whether the connection is closed. A pipelined request that waited for its turn is not told of that (Vert.x
     * 4.5.25).
     */
    private static boolean isClosed(RoutingContext context) {
        return context.request().connection() instanceof ConnectionBase connection
                && !connection.channel().isOpen();
    }

    @Override
    public boolean getAsBoolean() {
        return isGone();
    }

    /**
     * Has {@code rollback} run if the client is known to have left when the answer is about to be written. One for each
     * request.
     *
     * @param rollback begins the rollback, and does not wait for it
     */
    public void ifGone(Runnable rollback) {
        context.put(ROLLBACK, rollback);
    }

    /** The rollback named by {@link #ifGone}, the first time. */
    @Nullable Runnable takeRollback() {
        return context.remove(ROLLBACK);
    }
}
