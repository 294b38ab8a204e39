package io.lockgate.distribution;

/** A read took longer than the store keeps what has changed since; it must begin again. */
public final class ReadTooSlowException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ReadTooSlowException(String provider) {
        super("the read of what " + provider + " reports took too long");
    }
}
