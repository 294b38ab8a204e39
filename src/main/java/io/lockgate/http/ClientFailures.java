package io.lockgate.http;

import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** Failures that are the clients' doing, and so are no matter for the log. */
final class ClientFailures {
    /** Of Vert.x 4.5: here a request says that it has been read. */
    private static final String CHECK_CLASS = "io.vertx.core.http.impl.Http2ServerRequest";

    private static final String CHECK_METHOD = "checkEnded";

    private ClientFailures() {}

    /**
     * Whether that failure is no more than that somebody wanted to read the request of an HTTP/2 stream that its client
     * had reset meanwhile. Nobody waits for an answer. Whatever else fails while the client leaves is a fault like any
     * other.
     */
    static boolean isReadAfterReset(RoutingContext context, @Nullable Throwable failure) {
        return failure instanceof IllegalStateException
                && context.request().version() == HttpVersion.HTTP_2
                && isThrownByCheck(failure.getStackTrace())
                && HttpRecipient.of(context).isGone();
    }

    private static boolean isThrownByCheck(StackTraceElement[] trace) {
        return trace.length > 0
                && trace[0].getClassName().equals(CHECK_CLASS)
                && trace[0].getMethodName().equals(CHECK_METHOD);
    }

    /** Whether the failure is that the client has closed the connection or reset the stream. */
    static boolean isLeaving(@Nullable Throwable failure) {
        return failure instanceof HttpClosedException || failure instanceof StreamResetException;
    }

    /** Whether the request has failed with a status that blames the client, and not for want of a credential. */
    static boolean isRefused(RoutingContext context) {
        int status = context.statusCode();
        return status >= 400 && status < 500 && !(context.failure() instanceof SecurityException);
    }

    /** Whether the request has a body that has not come to its end. */
    static boolean isWithinBody(HttpServerRequest request) {
        return !request.isEnded()
                && (request.version() == HttpVersion.HTTP_2
                        || request.headers().contains(HttpHeaders.CONTENT_LENGTH)
                        || request.headers().contains(HttpHeaders.TRANSFER_ENCODING));
    }
}
