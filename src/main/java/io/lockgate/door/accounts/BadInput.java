package io.lockgate.door.accounts;

/** A request that cannot be taken. Not a fault of ours, so without a stack. */
final class BadInput extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    BadInput(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    static BadInput field(String field, String fault) {
        return new BadInput(400, "field '" + field + "' " + fault);
    }

    /** In the words of the admin API (docs/api-admin.md). */
    static BadInput missing() {
        return new BadInput(400, "Missing parameters");
    }

    int status() {
        return status;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
