package io.lockgate.api.distribution;

/** A request that ends in a {@link DistributionProblem}. Not a fault of the gateway, so without a stack. */
final class DistributionProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient DistributionProblem problem;

    DistributionProblemException(DistributionProblem problem) {
        super(problem.description(), null, false, false);
        this.problem = problem;
    }

    DistributionProblem problem() {
        return problem;
    }
}
