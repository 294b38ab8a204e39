package io.lockgate.range.queue;

import io.lockgate.range.Owner;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Set;

/**
 * The port through which {@link Deadlocks} sees who waits for whom, over all spaces and principals. Only POSIX owners:
 * a handle of SMB waits for itself, too, and nobody can tell which of them are one process.
 *
 * <p>Nothing here is a snapshot: requests are looked at one after the other while others change. Failure is as in the
 * table of locks. A look keeps nobody's turn.
 */
public interface WaitGraph {
    /** How many owners, and how many earlier requests, are named of one wait. */
    int MAX_NAMED = 256;

    /** What these requests wait for; those of SMB, and those that do not wait any more, are left out or wait for nobody. */
    Uni<List<Wait>> waits(Set<WaiterId> ids);

    /** What these owners wait for: at most 16 requests of each in a bucket. */
    Uni<List<Wait>> waitsOf(Set<Owner> owners);

    /**
     * Refuses a request that waits, and serves those behind it. Its client is told {@link WaitOutcome.Deadlocked}.
     *
     * @param cycle the waits of the cycle, each on the next and the last on the first; begins with its own
     * @return whether it waited still
     */
    Uni<Boolean> refuse(List<Wait> cycle);
}
