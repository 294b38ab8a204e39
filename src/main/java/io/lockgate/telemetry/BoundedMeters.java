package io.lockgate.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * No metric grows without bound, whatever its labels come from: a meter beyond the bounds is not made, and what it
 * would have counted is lost. {@link HttpLabels} keeps what strangers send away from labels; this is for what nobody
 * thought of.
 *
 * <p>A meter that is refused is kept nowhere. The registry asks under its own lock.
 */
@Singleton
final class BoundedMeters implements MeterFilter {
    /** Meters of one name. The most by right are those of HTTP requests: a few for each of some sixty resources. */
    static final int MAX_METERS = 2_000;

    static final int MAX_NAMES = 1_000;

    /** Characters of a label's value. */
    static final int MAX_VALUE = 256;

    private static final String REQUESTS = "http.server.requests";

    private final Map<String, Set<Meter.Id>> made = new HashMap<>();

    @Override
    public synchronized MeterFilterReply accept(Meter.Id id) {
        for (Tag tag : id.getTagsAsIterable()) {
            if (tag.getValue().length() > MAX_VALUE) {
                return MeterFilterReply.DENY;
            }
        }
        String method = id.getName().equals(REQUESTS) ? id.getTag("method") : null;
        if (method != null && !method.equals(HttpLabels.OTHER) && !HttpLabels.METHODS.contains(method)) {
            // Of a request whose client went away: see HttpLabels.
            return MeterFilterReply.DENY;
        }
        Set<Meter.Id> same = made.get(id.getName());
        if (same == null) {
            if (made.size() >= MAX_NAMES) {
                return MeterFilterReply.DENY;
            }
            same = new HashSet<>();
            made.put(id.getName(), same);
        }
        if (same.size() >= MAX_METERS && !same.contains(id)) {
            return MeterFilterReply.DENY;
        }
        same.add(id);
        return MeterFilterReply.NEUTRAL;
    }
}
