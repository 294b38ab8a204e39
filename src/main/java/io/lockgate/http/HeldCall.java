package io.lockgate.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a request says about a call that is held until it is served. */
public final class HeldCall {
    /** Longest wait of a held call, in milliseconds: well below the time-outs of proxies. */
    public static final int MAX_WAIT_MS = 25_000;

    private static final String FIELD = "wait_ms";

    private HeldCall() {}

    /**
     * The field {@code wait_ms}; zero when it is absent or null.
     *
     * @throws ProblemException 400 when it is not an integer from 0 to {@link #MAX_WAIT_MS}
     */
    public static Duration waitMs(@Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return Duration.ZERO;
        }
        if (!value.isIntegralNumber()) {
            throw ProblemException.field(FIELD, "has the wrong JSON type");
        }
        if (!value.canConvertToInt() || value.intValue() < 0 || value.intValue() > MAX_WAIT_MS) {
            throw ProblemException.field(FIELD, "is not between 0 and " + MAX_WAIT_MS);
        }
        return Duration.ofMillis(value.intValue());
    }
}
