package io.lockgate.distribution;

import org.jspecify.annotations.Nullable;

/** The store of reports did not answer, or cannot take more now. */
public final class MapUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MapUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
