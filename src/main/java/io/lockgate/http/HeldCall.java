package io.lockgate.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a request says about a call that is held until it is served. */
public final class HeldCall {
    /** Longest wait of a held call, in milliseconds: well below the time-outs of proxies. */
    public static final int MAX_WAIT_MS = 25_000;

    private static final String FIELD = "wait_ms";

    /** Of a number that an {@code int} can hold for sure. */
    private static final int MAX_DIGITS = 9;

    private HeldCall() {}

    /**
     * The field {@code wait_ms}; zero when it is absent or null.
     *
     * @throws ProblemException 400 when it is not an integer from 0 to {@link #MAX_WAIT_MS}
     */
    public static Duration waitMs(@Nullable JsonNode value) {
        return waitMs(FIELD, value, MAX_WAIT_MS);
    }

    /**
     * The same for a field of any name and bound.
     *
     * @throws ProblemException 400 when it is not an integer from 0 to {@code maxMs}
     */
    public static Duration waitMs(String field, @Nullable JsonNode value, int maxMs) {
        if (value == null || value.isNull()) {
            return Duration.ZERO;
        }
        if (!value.isIntegralNumber()) {
            throw ProblemException.field(field, "has the wrong JSON type");
        }
        if (!value.canConvertToInt() || value.intValue() < 0 || value.intValue() > maxMs) {
            throw outOfRange(field, maxMs);
        }
        return Duration.ofMillis(value.intValue());
    }

    /**
     * The parameter {@code wait_ms} of a query; zero when it is absent or empty.
     *
     * @throws ProblemException 400 when it is not a decimal integer from 0 to {@link #MAX_WAIT_MS}
     */
    public static Duration waitMs(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Duration.ZERO;
        }
        boolean digits = text.length() <= MAX_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || Integer.parseInt(text) > MAX_WAIT_MS) {
            throw outOfRange(FIELD, MAX_WAIT_MS);
        }
        return Duration.ofMillis(Integer.parseInt(text));
    }

    private static ProblemException outOfRange(String field, int maxMs) {
        return ProblemException.field(field, "is not between 0 and " + maxMs);
    }
}
