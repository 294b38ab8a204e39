package io.lockgate.range.breaks;

import io.lockgate.range.Conflict;
import io.lockgate.range.Grant;

/** The outcome of taking a break back. Only {@link Restored} changes anything. */
public sealed interface Undoing {
    /**
     * The lock stands again, under its id, with a new token.
     *
     * @param grant the one that was broken; other parts of a split lock stand again beside it
     */
    record Restored(Grant grant) implements Undoing {}

    /** Somebody has some of the bytes, its owner included, or waits for them. */
    record InTheWay(Conflict conflict) implements Undoing {}

    /** Somebody waited for the bytes when the lock was broken, and may have had them since. */
    record Waited() implements Undoing {}

    /** Its lease or session is over. */
    record Expired() implements Undoing {}

    /** No lock of this id was broken in the last {@link LockBreaker#UNDO_WITHIN}, or that was taken back already. */
    record NothingBroken() implements Undoing {}
}
