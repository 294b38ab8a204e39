package io.lockgate.api.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.http.HeldCall;
import io.lockgate.http.Json;
import io.lockgate.http.ProblemException;
import io.lockgate.http.TextRules;
import io.lockgate.route.RouteLockId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** From what a client wrote to values. */
final class RouteLockRequestParser {
    /** Beyond it many clients' JSON libraries have rounded a number before it was sent. */
    private static final long MAX_NUMBER = (1L << 53) - 1;

    private RouteLockRequestParser() {}

    /** What to lock, and how long to wait for it. */
    record Acquire(RouteLockId what, Duration waitTime) {}

    /** Reads the body of a lock. */
    static Acquire readAcquire(byte @Nullable [] body, int limit) {
        RouteLockBody read = parse(body, limit);
        return new Acquire(id(read), HeldCall.waitMs(read.waitMs()));
    }

    /** Reads the body of an unlock. */
    static RouteLockId read(byte @Nullable [] body, int limit) {
        return id(parse(body, limit));
    }

    private static RouteLockBody parse(byte @Nullable [] body, int limit) {
        if (body == null || body.length == 0) {
            throw ProblemException.missing("route");
        }
        if (body.length > limit) {
            throw ProblemException.bodyTooLarge(limit);
        }
        return Json.read(body, RouteLockBody.class);
    }

    private static RouteLockId id(RouteLockBody read) {
        return id(text("route", read.route(), false), text("id", read.id(), true));
    }

    static RouteLockId id(String route, String id) {
        return new RouteLockId(name("route", route), name("id", id));
    }

    /** {@code text}, if it is a name and there. */
    static String name(String field, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            throw ProblemException.missing(field);
        }
        return TextRules.require(field, text);
    }

    private static String text(String field, @Nullable JsonNode value, boolean orNumber) {
        if (value == null || value.isNull()) {
            throw ProblemException.missing(field);
        }
        if (orNumber && value.isIntegralNumber()) {
            if (!value.canConvertToLong() || Math.abs(value.longValue()) > MAX_NUMBER) {
                throw ProblemException.field(field, "is beyond 2^53-1 and must be a string");
            }
            return Long.toString(value.longValue());
        }
        if (!value.isTextual()) {
            throw ProblemException.field(field, "has the wrong JSON type");
        }
        return value.textValue();
    }
}
