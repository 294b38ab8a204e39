package io.lockgate.http.connection;

import java.util.Map;

/** Words a request that cannot be taken, where nothing of it can be relied on but its path. */
public interface EarlyProblems {
    /**
     * An answer.
     *
     * @param headers beside {@code Content-Type} and {@code Content-Length}
     */
    record Answer(int status, String contentType, Map<String, String> headers, byte[] body) {}

    /**
     * The answer in the format of the API that owns {@code path}; problem+json (RFC 9457) where none does.
     *
     * @param path raw, without query; any text at all
     * @param status 4xx or 5xx
     * @param description says which part of the request is wrong, and how
     */
    Answer answer(String path, int status, String description);

    /** As {@link #answer}, for a header line that is too long, which an API may take for a bad credential. */
    Answer headerTooLarge(String path, String headerName, int limitBytes);
}
