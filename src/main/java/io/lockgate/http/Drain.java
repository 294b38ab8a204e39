package io.lockgate.http;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * What a request meets while the gateway stops. From the SIGTERM on Quarkus answers each with {@code Connection: close}
 * and readiness is down; for {@code quarkus.shutdown.delay} all are served as ever, since load balancers notice late.
 * After that new ones are refused here, in the format of their API, so that those under way come to an end whatever the
 * load.
 */
@Singleton
public final class Drain {
    private static final Duration LINGER = Duration.ofMillis(300);

    private final Dialects dialects;
    private final Duration delay;
    private volatile @Nullable Long stopping;

    Drain(Dialects dialects, @ConfigProperty(name = "quarkus.shutdown.delay") Optional<Duration> delay) {
        this.dialects = dialects;
        this.delay = delay.orElse(Duration.ZERO);
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, FilterOrder.DRAIN);
    }

    void stopping(@Observes ShutdownDelayInitiatedEvent event) {
        stopping = System.nanoTime();
    }

    /**
     * All that was under way has been answered, but the last answers may still be on their way out; and who comes now
     * is told.
     */
    void stopped(@Observes ShutdownEvent event) {
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            stopping = System.nanoTime() - delay.toNanos();
            try {
                Thread.sleep(LINGER);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void enter(RoutingContext context) {
        Long since = stopping;
        if (since != null && context.request().version() == HttpVersion.HTTP_2) {
            // Of no meaning there: clients take it for a fault, and give up the connection with all answers that it
            // owes.
            context.addHeadersEndHandler(ignored -> context.response().headers().remove(HttpHeaders.CONNECTION));
        }
        if (since == null || System.nanoTime() - since < delay.toNanos()) {
            context.next();
        } else {
            refuse(context);
        }
    }

    private void refuse(RoutingContext context) {
        context.response().putHeader("Retry-After", "1");
        UnreadBody.endConnection(context);
        // The API's own Retry-After, where it has one, replaces this one.
        dialects.of(Objects.requireNonNullElse(context.request().path(), ""))
                .render(new Problem.ShuttingDown())
                .send(context);
    }
}
