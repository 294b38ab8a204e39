package io.lockgate.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.inject.Singleton;

/**
 * Gives every meter of the HTTP servers the tag {@code server.port}.
 *
 * <p>Quarkus leaves it out for a server on a random port (0), and its Prometheus registry throws when meters of one
 * name differ in their tag names: with one of the two ports fixed and the other random, the second server would not
 * start. Seen with Quarkus 3.34.1.
 */
@Singleton
class HttpServerPortTag implements MeterFilter {

    private static final String SERVER_PORT = "server.port";

    @Override
    public Meter.Id map(Meter.Id id) {
        if (!isPerServer(id.getName()) || id.getTag(SERVER_PORT) != null) {
            return id;
        }
        return id.withTag(Tag.of(SERVER_PORT, "random"));
    }

    /** Requests are counted without a port for every server, so they agree as they are. */
    private static boolean isPerServer(String meter) {
        return meter.startsWith("http.server.") && !meter.equals("http.server.requests");
    }
}
