package io.lockgate.door.distribution;

/** A request that ends in a {@link Fault}. Without a stack: nobody's fault but the client's. */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Fault fault;

    Refused(Fault fault) {
        super(fault.description(), null, false, false);
        this.fault = fault;
    }

    Fault fault() {
        return fault;
    }
}
