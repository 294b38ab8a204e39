package io.lockgate.postgres;

/**
 * A fault of this program or of its data, which no waiting heals: it is not reported as a store that does not answer.
 */
final class StoreFault extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    StoreFault(String message) {
        super(message);
    }
}
