package io.lockgate.postgres;

/** Postgres is there, but had no place or no time for this call: too many others, or a lock. */
final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BusyException(String message) {
        super(message, null, false, false);
    }
}
