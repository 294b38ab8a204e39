package io.lockgate.http;

import io.lockgate.identity.Caller;
import io.lockgate.identity.Recipient;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The client of one request. It leaves by closing the connection, or over HTTP/2 by resetting the stream; a call that
 * changes something goes on all the same ({@code @Cancellable(false)} at each such method of a resource). {@link
 * HangUps} runs the rollback.
 *
 * <p>Not thread-safe but for {@link #isGone}; belongs to the event loop of the request.
 */
public final class HttpRecipient implements Recipient {
    private static final Logger LOG = Logger.getLogger(HttpRecipient.class);
    private static final String ROLLBACK = "lockgate.http.rollback";

    private final RoutingContext context;

    private HttpRecipient(RoutingContext context) {
        this.context = context;
    }

    public static HttpRecipient of(RoutingContext context) {
        return new HttpRecipient(context);
    }

    @Override
    public boolean isGone() {
        HttpServerResponse response = context.response();
        return !response.ended() && (response.closed() || isClosed(context));
    }

    @Override
    public Uni<Caller> caller() {
        return CurrentCaller.lookUpAgain(context);
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
    public void ifGone(String what, Supplier<Uni<Boolean>> rollback) {
        if (context.get(ROLLBACK) != null) {
            throw new IllegalStateException("a call has one rollback");
        }
        context.put(ROLLBACK, (Runnable) () -> begin(what, rollback));
    }

    private static void begin(String what, Supplier<Uni<Boolean>> rollback) {
        rollback.get()
                .subscribe()
                .with(
                        done -> LOG.debugf("%s of a client that left: rolled back: %s", what, done),
                        failure -> LOG.warnf(
                                "%s of a client that left could not be rolled back: %s", what, failure.getMessage()));
    }

    /** The rollback named by {@link #ifGone}, the first time. */
    @Nullable Runnable takeRollback() {
        return context.remove(ROLLBACK);
    }
}
