package io.lockgate.api.accounts;

/** A request that cannot be taken. Not a fault of ours, so without a stack. */
final class AccountProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    AccountProblemException(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    static AccountProblemException field(String field, String fault) {
        return new AccountProblemException(400, "field '" + field + "' " + fault);
    }

    /** In the words of the admin API (docs/api-admin.md). */
    static AccountProblemException missing() {
        return new AccountProblemException(400, "Missing parameters");
    }

    int status() {
        return status;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
