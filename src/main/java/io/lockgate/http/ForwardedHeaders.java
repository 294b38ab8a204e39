package io.lockgate.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.lang.reflect.Field;
import java.util.Objects;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code X-Forwarded-For} and {@code Forwarded} strictly before Quarkus does. Quarkus 3.34.1 takes any text for a
 * host name, and throws for an empty one while nothing answers the request yet, which then hangs ({@code
 * ForwardedParser}, asked by the router for the authority). So a handler in front of all of Quarkus' own replaces each
 * of the two headers: by the canonical address of its first element, or by {@link #UNUSABLE}. Whether the sender is a
 * trusted proxy is still for Quarkus to say, and what others send is still ignored.
 *
 * <p>Only there while {@code quarkus.http.proxy.proxy-address-forwarding} is on.
 */
@Singleton
// The field below, in a native image.
@RegisterForReflection(targets = VertxHttpRecorder.class, methods = false, ignoreNested = true)
public final class ForwardedHeaders {
    /** Stands for an address that a trusted proxy did not tell; no client can have it (RFC 1122, 3.2.1.3). */
    public static final String UNUSABLE = "0.0.0.0";

    private static final String COUNTED = "lockgate.http.forwarded-counted";
    private static final CharSequence X_FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");
    private static final CharSequence FORWARDED = HttpHeaders.createOptimized("forwarded");
    private static final String ROOT = "rootHandler";

    private final boolean on;
    private final Counter unusable;

    ForwardedHeaders(
            MeterRegistry meters, @ConfigProperty(name = "quarkus.http.proxy.proxy-address-forwarding") boolean on) {
        this.on = on;
        this.unusable = Counter.builder("lockgate.http.forwarded.unusable")
                .description("Requests of trusted proxies that named no address of their client.")
                .register(meters);
    }

    void register(@Observes Filters filters) {
        if (on) {
            filters.register(this::count, FilterOrder.FORWARDED_HEADERS);
        }
    }

    /** After Quarkus has put its handlers together, before it listens. There is no public way in front of them. */
    void start(@Observes StartupEvent event) {
        if (!on) {
            return;
        }
        try {
            Field root = VertxHttpRecorder.class.getDeclaredField(ROOT);
            root.setAccessible(true);
            @SuppressWarnings("unchecked")
            Handler<HttpServerRequest> next = (Handler<HttpServerRequest>) Objects.requireNonNull(root.get(null));
            root.set(null, (Handler<HttpServerRequest>) request -> {
                rewrite(request.headers());
                next.handle(request);
            });
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this Quarkus has another root handler: forwarded headers cannot be checked", e);
        }
    }

    private void count(RoutingContext context) {
        @Nullable SocketAddress client = context.request().remoteAddress();
        // A path that is led to another one comes here twice.
        if (client != null && UNUSABLE.equals(client.hostAddress()) && context.get(COUNTED) == null) {
            context.put(COUNTED, true);
            unusable.increment();
        }
        context.next();
    }

    /** Leaves at most one value of each header, which Quarkus' parser understands. */
    static void rewrite(MultiMap headers) {
        @Nullable String list = headers.get(X_FORWARDED_FOR);
        if (list != null) {
            int comma = list.indexOf(',');
            String first = comma < 0 ? list : list.substring(0, comma);
            headers.set(X_FORWARDED_FOR, ForwardedElement.node(first).orElse(UNUSABLE));
        }
        @Nullable String forwarded = headers.get(FORWARDED);
        if (forwarded != null) {
            headers.set(
                    FORWARDED,
                    ForwardedElement.first(forwarded)
                            .map(ForwardedElement::text)
                            .orElse("for=" + UNUSABLE));
        }
    }
}
