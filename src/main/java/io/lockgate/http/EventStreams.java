package io.lockgate.http;

import io.lockgate.identity.Caller;
import io.lockgate.identity.Recipient;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The event streams of this gateway: how many one user may have, when their callers are looked at again, and their end with
 * the gateway. Counts {@code lockgate.events.streams} (open), {@code lockgate.events.sent} and {@code
 * lockgate.events.dropped} (streams whose clients did not read).
 */
@Singleton
public final class EventStreams {
    /** Streams of one user on one gateway. */
    public static final int MAX_PER_USER = 16;

    private final Duration recheck;
    private final Counter sent;
    private final Counter dropped;
    private final Set<EventStream> open = ConcurrentHashMap.newKeySet();
    private final Map<Long, Integer> perUser = new HashMap<>();
    private boolean stopping;

    EventStreams(CredentialRecheck recheck, MeterRegistry meters) {
        this.recheck = recheck.interval();
        this.sent = Counter.builder("lockgate.events.sent")
                .description("Events written to event streams.")
                .register(meters);
        this.dropped = Counter.builder("lockgate.events.dropped")
                .description("Event streams that were closed since their clients did not read.")
                .register(meters);
        Gauge.builder("lockgate.events.streams", open, Set::size)
                .description("Event streams that are open.")
                .register(meters);
    }

    /**
     * A stream for {@code caller}, the body of an answer of type {@code text/event-stream}.
     *
     * @param isPermitted whether the caller may still have it, as looked up again
     * @param begin is called once the stream can be written; what it returns ends its source
     * @throws ProblemException 429 when the caller has as many as one may have, 503 when the gateway stops
     */
    public EventStream open(
            Caller caller, Recipient client, Consumer<Caller> isPermitted, Function<EventStream, Runnable> begin) {
        long user = caller.userId();
        synchronized (perUser) {
            if (stopping) {
                throw new ProblemException(new Problem.ShuttingDown());
            }
            int own = perUser.getOrDefault(user, 0);
            if (own >= MAX_PER_USER) {
                open.stream().filter(EventStream::isAbandoned).forEach(stream -> closed(stream, stream.user()));
                own = perUser.getOrDefault(user, 0);
            }
            if (own >= MAX_PER_USER) {
                throw new ProblemException(Problem.TooManyRequests.streams(MAX_PER_USER));
            }
            perUser.put(user, own + 1);
        }
        Uni<Caller> again = client.caller().invoke(isPermitted);
        EventStream stream = new EventStream(this, user, client::isGone, again, begin);
        open.add(stream);
        return stream;
    }

    /** A SIGTERM: clients go on at another replica, where they were. */
    void stopping(@Observes ShutdownDelayInitiatedEvent event) {
        synchronized (perUser) {
            stopping = true;
        }
        List.copyOf(open).forEach(EventStream::end);
    }

    Duration recheck() {
        return recheck;
    }

    void closed(EventStream stream, long user) {
        if (open.remove(stream)) {
            synchronized (perUser) {
                perUser.computeIfPresent(user, (same, own) -> own == 1 ? null : own - 1);
            }
        }
    }

    void countSent() {
        sent.increment();
    }

    void countDropped() {
        dropped.increment();
    }
}
