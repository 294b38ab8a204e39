package io.lockgate.range;

import java.util.List;
import java.util.Optional;

/** The outcome of a batch. Only {@link Done} and {@link UnlockMissing} may have changed anything. */
public sealed interface BatchOutcome {
    /**
     * All of it has happened.
     *
     * @param grants the grant that now covers each asked lock, in the order asked
     * @param released how many grants were released, trimmed or split by the unlocks
     * @param changed other grants that the batch has cut or made
     * @param request for {@link RangeLockTable#rollBack}; empty when no lock was asked for
     */
    record Done(List<Grant> grants, long released, ChangedGrants changed, Optional<RequestId> request)
            implements BatchOutcome {
        /** Of unlocks alone. */
        public Done(List<Grant> grants, long released) {
            this(grants, released, ChangedGrants.NONE, Optional.empty());
        }
    }

    /** Lock {@code index} (from 0) conflicts; nothing was changed. */
    record Refused(int index, Conflict conflict) implements BatchOutcome {}

    /** SMB: unlock {@code index} (from 0) matched nothing; those before it were released and stay so. */
    record UnlockMissing(int index) implements BatchOutcome {}

    /** Lock {@code index} would pass the limit of ranges for its owner; nothing was changed. */
    record TooManyRanges(int index, long limit) implements BatchOutcome {}

    /** Lock {@code index} would pass the limit of grants for its principal in this bucket; nothing was changed. */
    record TooManyGrants(int index, long limit) implements BatchOutcome {}
}
