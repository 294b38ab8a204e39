package io.lockgate.api.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockgate.event.EventListener;
import io.lockgate.event.LockEvent;
import io.lockgate.http.EventStream;
import io.lockgate.http.Json;
import java.util.List;
import java.util.Locale;

/** Events as the admin API words them. */
final class LockEventStream implements EventListener<LockEvent, Long> {
    private static final byte[] NOTHING = "{}".getBytes(UTF_8);

    /** How many events a client may be told nothing of before it is told how far it is. */
    private static final int POSITION_EVERY = 1_000;

    private final EventStream stream;
    private long told = -1;

    LockEventStream(EventStream stream) {
        this.stream = stream;
    }

    @Override
    public void events(List<LockEvent> events, Long upTo) {
        boolean isFirst = told < 0;
        for (LockEvent event : events) {
            told = event.position();
            stream.send(
                    Long.toString(told),
                    event.type().name().toLowerCase(Locale.ROOT),
                    Json.write(LockEventBody.of(event)));
        }
        // At the beginning, so that a client that has heard of nothing goes on from here; later only behind many
        // events for others.
        if ((isFirst && events.isEmpty()) || upTo - told > POSITION_EVERY) {
            told = upTo;
            stream.position(upTo.toString());
        }
    }

    @Override
    public void gap(Long position) {
        told = position;
        stream.send(position.toString(), "gap", NOTHING);
    }

    @Override
    public boolean isReady() {
        return stream.isReady();
    }
}
