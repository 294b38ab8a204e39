package io.lockgate.http;

/** Ends a request with a {@link Problem}. Not a fault of the gateway, so without a stack. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(String.valueOf(problem), null, false, false);
        this.problem = problem;
    }

    /** {@code field} is there, but not as it must be. */
    public static ProblemException field(String field, String fault) {
        return new ProblemException(new Problem.InvalidField(field, fault));
    }

    /** {@code field} is required and not there, or empty. */
    public static ProblemException missing(String field) {
        return new ProblemException(new Problem.MissingField(field));
    }

    public static ProblemException bodyTooLarge(int limitBytes) {
        return new ProblemException(new Problem.BodyTooLarge(limitBytes));
    }

    public static ProblemException notFound(String description) {
        return new ProblemException(new Problem.NotFound(description));
    }

    public Problem problem() {
        return problem;
    }
}
