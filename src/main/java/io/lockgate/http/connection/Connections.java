package io.lockgate.http.connection;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the rest of the gateway may do with the connection of a request. */
public final class Connections {
    private Connections() {}

    /** The request showed a good credential: its connection no longer counts as anonymous. */
    public static void verified(RoutingContext context) {
        ClientConnection connection = of(context);
        if (connection != null && !connection.isVerified()) {
            connection.verify();
            if (context.request().version() == HttpVersion.HTTP_2) {
                HttpConnection two = context.request().connection();
                // RFC 9113, 6.5.2: the number of streams may be changed at any time.
                two.updateSettings(
                        new Http2Settings(two.settings()).setMaxConcurrentStreams(connection.streamsOnceVerified()));
            }
        }
    }

    /**
     * Whether a request of HTTP/2 may begin now, among those of its event loop; else {@code begin} runs there when it
     * is its turn, unless its client has left by then. Those of HTTP/1.1 have had their turn ({@link RequestSequencer}).
     */
    public static boolean tryBegin(RoutingContext context, Runnable begin) {
        HttpServerRequest request = context.request();
        ClientConnection connection = of(context);
        if (connection == null || request.version() != HttpVersion.HTTP_2) {
            return true;
        }
        return connection.tryBegin(request.method().name(), Objects.requireNonNullElse(request.uri(), ""), () -> {
            boolean isThere = !request.response().closed();
            if (isThere) {
                begin.run();
            }
            return isThere;
        });
    }

    /** Sends at once what has been written. */
    public static void flush(RoutingContext context) {
        if (context.request().connection() instanceof ConnectionBase base) {
            base.flush();
        }
    }

    /**
     * Runs {@code late} on the connection's event loop when the body of an HTTP/1.1 request has not come in {@code
     * time}.
     */
    public static void expectsBody(RoutingContext context, Duration time, Runnable late) {
        ClientConnection connection = of(context);
        if (connection != null) {
            connection.expectsBody(time, late);
        }
    }

    private static @Nullable ClientConnection of(RoutingContext context) {
        return context.request().connection() instanceof ConnectionBase base
                ? base.channel().attr(ClientConnection.KEY).get()
                : null;
    }
}
