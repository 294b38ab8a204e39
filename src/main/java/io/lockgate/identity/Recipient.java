package io.lockgate.identity;

import io.smallrye.mutiny.Uni;
import java.util.function.Supplier;

/**
 * The client that waits for the answer of one call, and may leave before it comes. A call that changes something goes
 * on all the same; what must not stand unless its client knows of it names its rollback here.
 */
public interface Recipient {
    /** Whether the client is known to have left. Once true, it stays so. May be asked on any thread. */
    boolean isGone();

    /**
     * Whose call it is, looked up again: a call that lasts may outlive its credential or a permission. Fails as the first
     * look-up would.
     */
    Uni<Caller> caller();

    /**
     * Has {@code rollback} run if the client is known to have left when the answer is about to be written. One for each
     * call. Nobody waits for it; a failure is logged.
     *
     * @param what is rolled back, for the log
     */
    void ifGone(String what, Supplier<Uni<Boolean>> rollback);
}
