package io.lockgate.api.files.locks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockgate.api.files.locks.LockJson.EventBody;
import io.lockgate.event.EventListener;
import io.lockgate.http.EventStream;
import io.lockgate.http.Json;
import io.lockgate.range.LockRights;
import io.lockgate.range.event.EventId;
import io.lockgate.range.event.EventPosition;
import io.lockgate.range.event.RangeEvent;
import io.lockgate.range.queue.WaiterId;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Events as the files API words them. */
final class RangeEventStream implements EventListener<RangeEvent, EventId> {
    private static final byte[] NOTHING = "{}".getBytes(UTF_8);

    /** How often a client is told how far it is while there are events for others alone. */
    private static final long POSITION_NANOS = Duration.ofSeconds(1).toNanos();

    private final EventStream stream;
    private final GrantView view;
    private final LockRights rights;
    private EventPosition told;
    private long toldAt = System.nanoTime();

    /** Tells the client at once where it begins, so that one who has heard of nothing goes on from there. */
    RangeEventStream(EventStream stream, GrantView view, LockRights rights, EventPosition begin) {
        this.stream = stream;
        this.view = view;
        this.rights = rights;
        this.told = begin;
        stream.position(begin.toString());
    }

    @Override
    public void events(List<RangeEvent> events, EventId upTo) {
        for (RangeEvent event : events) {
            told = told.with(event.id());
            stream.send(told.toString(), event.kind().name().toLowerCase(Locale.ROOT), Json.write(body(event)));
        }
        told = told.with(upTo);
        long now = System.nanoTime();
        if (!events.isEmpty()) {
            toldAt = now;
        } else if (now - toldAt > POSITION_NANOS) {
            toldAt = now;
            stream.position(told.toString());
        }
    }

    @Override
    public void gap(EventId position) {
        told = told.with(position);
        toldAt = System.nanoTime();
        stream.send(told.toString(), "gap", NOTHING);
    }

    @Override
    public boolean isReady() {
        return stream.isReady();
    }

    private EventBody body(RangeEvent event) {
        boolean seen = rights.maySee(event.grant());
        return new EventBody(
                ProtocolPath.text(event.grant().protocol()),
                view.show(rights, event.grant()),
                seen ? event.waiter().map(WaiterId::toString).orElse(null) : null,
                event.at().toString());
    }
}
