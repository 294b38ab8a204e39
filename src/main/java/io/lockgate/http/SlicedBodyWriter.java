package io.lockgate.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerHttpResponse;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyWriter;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;
import org.jspecify.annotations.Nullable;

/** Writes a {@link SlicedBody}, asking for each slice when the one before has left for the socket. */
@Provider
@Produces(MediaType.APPLICATION_JSON)
public class SlicedBodyWriter implements ServerMessageBodyWriter<SlicedBody> {
    @Override
    public boolean isWriteable(Class<?> type, Type generic, ResteasyReactiveResourceInfo method, MediaType mediaType) {
        return SlicedBody.class.isAssignableFrom(type);
    }

    @Override
    public boolean isWriteable(Class<?> type, Type generic, Annotation[] annotations, MediaType mediaType) {
        return SlicedBody.class.isAssignableFrom(type);
    }

    @Override
    public void writeResponse(SlicedBody body, Type generic, ServerRequestContext context) {
        ResteasyReactiveRequestContext call = (ResteasyReactiveRequestContext) context;
        call.suspend();
        new Writing(call, body).begin();
    }

    /** The framework asks for this where something stands between it and the response; nothing does here. */
    @Override
    public void writeTo(
            SlicedBody body,
            Class<?> type,
            Type generic,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, Object> headers,
            OutputStream out) {
        throw new UnsupportedOperationException("a sliced body is written to the response itself");
    }

    private static final class Writing implements Flow.Subscriber<byte[]> {
        private final ResteasyReactiveRequestContext call;
        private final ServerHttpResponse response;
        private final HttpServerRequest request;
        private final Vertx vertx;
        private final SlicedBody body;
        private Flow.@Nullable Subscription source;
        private boolean over;

        Writing(ResteasyReactiveRequestContext call, SlicedBody body) {
            RoutingContext routing = Objects.requireNonNull(call.unwrap(RoutingContext.class));
            this.call = call;
            this.response = call.serverResponse();
            this.request = routing.request();
            this.vertx = routing.vertx();
            this.body = body;
        }

        void begin() {
            // Ignored for HTTP/1.0, where the end of the body is that of the connection.
            response.setChunked(true);
            if (request.version() == HttpVersion.HTTP_1_0) {
                response.setResponseHeader("Connection", "close");
            }
            body.rest().subscribe().withSubscriber(this);
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            source = subscription;
            onNext(body.first());
        }

        @Override
        public void onNext(byte[] slice) {
            long timer = vertx.setTimer(SlicedBody.READ_TIME.toMillis(), late -> giveUp());
            response.write(slice).whenComplete((written, failure) -> {
                vertx.cancelTimer(timer);
                if (failure == null) {
                    Objects.requireNonNull(source).request(1);
                } else {
                    giveUp();
                }
            });
        }

        @Override
        public void onError(Throwable failure) {
            giveUp();
        }

        @Override
        public void onComplete() {
            if (finish()) {
                response.end();
                if (request.version() == HttpVersion.HTTP_1_0) {
                    request.connection().close();
                }
                call.resume();
            }
        }

        /** The client has gone or does not read, or there is no next slice. */
        private void giveUp() {
            if (finish()) {
                Objects.requireNonNull(source).cancel();
                // Without the last chunk, so that the client sees that something is missing.
                response.reset();
                call.resume();
            }
        }

        private synchronized boolean finish() {
            boolean first = !over;
            over = true;
            return first;
        }
    }
}
