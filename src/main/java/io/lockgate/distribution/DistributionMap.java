package io.lockgate.distribution;

import io.lockgate.range.ByteRange;
import io.lockgate.range.TooManyRequestsException;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;

/**
 * Reports of providers on the blocks that they hold: the port to their store. File and provider ids are any text
 * without control characters. All calls fail with {@link MapUnavailableException} when the store does not answer; a
 * change of unknown outcome may be repeated as it is.
 *
 * <p>Every change is atomic: who reads sees a report before or after it, never in between. A read of several pages
 * shows the report as it stood when {@link #reports} or {@link #report} was asked, whatever changes meanwhile.
 */
public interface DistributionMap {
    /**
     * The same map, for calls of one user: a store that is busy divides its work fairly between users. Without it a
     * call is the system's own. The first call of a request that is one too many of its user fails with {@link
     * TooManyRequestsException}.
     */
    default DistributionMap onBehalfOf(String principal) {
        return this;
    }

    /** All reports of a file, by provider id; none when nobody reports it. One moment of the store. */
    Uni<List<Report>> reports(String file);

    Uni<Optional<Report>> report(String file, String provider);

    /**
     * The next blocks of a report.
     *
     * @param after from {@link BlockPage#next()}, or empty to begin
     * @throws ReadTooSlowException through the {@code Uni}, when the read began too long ago
     */
    Uni<BlockPage> page(String file, Report report, Optional<String> after);

    /** Makes {@code blocks} the report of a provider. A large one is brought in slices, and counts in one step. */
    Uni<ReportChange> replace(String file, String provider, BlockSet blocks, Precondition condition);

    /**
     * Takes the bytes of {@code removed} out of a report, then brings those of {@code added} in. A report that is not
     * there counts as empty. What changes nothing leaves the revision as it is.
     */
    Uni<ReportChange> patch(
            String file, String provider, List<ByteRange> removed, List<ByteRange> added, Precondition condition);

    /** Withdraws a report. A file without any is one that nobody knows. */
    Uni<ReportChange> withdraw(String file, String provider, Precondition condition);

    /** Deletes what no read can need any more; answers how many rows went. Safe at any time, anywhere. */
    Uni<Long> sweep();
}
