package io.lockgate.http;

import io.vertx.ext.web.RoutingContext;
import java.util.Objects;

/**
 * Names in a path, taken from the raw path and decoded exactly once: the framework would resolve {@code %2e%2e}, and
 * cut a name off at a semicolon. {@link DialectFilter} has refused what does not decode.
 */
public final class PathSegments {
    private PathSegments() {}

    /** The decoded segment number {@code index}, from 0, of the path of the request; empty when there is none. */
    public static String segment(RoutingContext context, int index) {
        String[] segments =
                Objects.requireNonNullElse(context.request().path(), "").split("/", -1);
        return index + 1 < segments.length ? Percent.decode(segments[index + 1]).orElse("") : "";
    }
}
