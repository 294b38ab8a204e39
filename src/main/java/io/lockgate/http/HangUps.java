package io.lockgate.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.Response.Status.Family;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ServerRestHandler;
import org.jspecify.annotations.Nullable;

/**
 * Looks, before an answer is written, whether its client is still there, and does what is to be done if not. Counts
 * {@code lockgate.http.hangups} by {@code outcome}: {@code rolled-back} (the grant of the call is rolled back), {@code
 * finished} (the call was done or refused as if the client had stayed), {@code failed} (the answer was a 5xx). A
 * reading call is given up when its client leaves, and is not counted here.
 *
 * <p>That answer is not written. Over HTTP/1.1 a request pipelined behind it is not begun then. Over HTTP/2 writing to
 * a stream that was reset would close the connection with all its other streams (Vert.x 4.5.25, a void promise of
 * Netty).
 *
 * <p>A client that closes its connection so late that the answer goes out at the same moment is not noticed.
 */
@Singleton
public final class HangUps {
    private static final ServerRestHandler[] NOTHING_MORE = {};

    private final Counter rolledBack;
    private final Counter finished;
    private final Counter failed;

    HangUps(MeterRegistry meters) {
        this.rolledBack = counter(meters, "rolled-back");
        this.finished = counter(meters, "finished");
        this.failed = counter(meters, "failed");
    }

    /** Behind the call, before its answer is written, on the same thread. */
    @ServerResponseFilter
    public void beforeAnswer(ContainerResponseContext answer, RoutingContext context) {
        HttpRecipient recipient = HttpRecipient.of(context);
        if (!recipient.isGone()) {
            return;
        }
        @Nullable Runnable rollback = recipient.takeRollback();
        if (rollback != null) {
            rolledBack.increment();
            rollback.run();
        } else if (answer.getStatusInfo().getFamily() == Family.SERVER_ERROR) {
            failed.increment();
        } else {
            finished.increment();
        }
        @Nullable ResteasyReactiveRequestContext call = CurrentRequestManager.get();
        if (call != null) {
            call.restart(NOTHING_MORE, true);
        }
    }

    private static Counter counter(MeterRegistry meters, String outcome) {
        return Counter.builder("lockgate.http.hangups")
                .description("Clients that left before the answer of a changing call, by what became of the call.")
                .tag("outcome", outcome)
                .register(meters);
    }
}
