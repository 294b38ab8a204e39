package io.lockgate.api.distribution;

/** A request that ends in a {@link DistributionProblem}. Without a stack: nobody's fault but the client's. */
final class DistributionProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient DistributionProblem fault;

    DistributionProblemException(DistributionProblem fault) {
        super(fault.description(), null, false, false);
        this.fault = fault;
    }

    DistributionProblem fault() {
        return fault;
    }
}
