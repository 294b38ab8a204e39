package io.lockgate.load;

import java.io.Serial;

/** Why a run cannot start, in one line for the user. */
final class Fault extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    Fault(String message) {
        super(message);
    }
}
