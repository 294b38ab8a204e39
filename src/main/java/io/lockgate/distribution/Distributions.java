package io.lockgate.distribution;

import io.lockgate.identity.Caller;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.range.ByteRange;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;

/**
 * The use cases of the distribution map. Each takes the caller and fails with {@link NotPermittedException}, thrown at
 * once and before anything is asked of the store, when they may not; the rest is as {@link DistributionMap} has it.
 */
public final class Distributions {
    private final DistributionMap map;

    public Distributions(DistributionMap map) {
        this.map = map;
    }

    /** All reports of a file; none when nobody reports it. */
    public Uni<List<Report>> reports(Caller caller, String file) {
        requireRead(caller, file);
        return of(caller).reports(file);
    }

    public Uni<Optional<Report>> report(Caller caller, String file, String provider) {
        requireRead(caller, file);
        return of(caller).report(file, provider);
    }

    /** The next blocks of a report that the caller has been handed. */
    public Uni<BlockPage> page(Caller caller, String file, Report report, Optional<String> after) {
        return of(caller).page(file, report, after);
    }

    public Uni<ReportChange> replace(
            Caller caller, String file, String provider, BlockSet blocks, Precondition condition) {
        requireReport(caller, provider);
        return of(caller).replace(file, provider, blocks, condition);
    }

    public Uni<ReportChange> patch(
            Caller caller,
            String file,
            String provider,
            List<ByteRange> removed,
            List<ByteRange> added,
            Precondition condition) {
        requireReport(caller, provider);
        return of(caller).patch(file, provider, removed, added, condition);
    }

    public Uni<ReportChange> withdraw(Caller caller, String file, String provider, Precondition condition) {
        requireReport(caller, provider);
        return of(caller).withdraw(file, provider, condition);
    }

    /** For who must know before the body is read. */
    public void requireReport(Caller caller, String provider) {
        // A right to report without a scope is bound to no provider.
        if (!caller.may(Permission.REPORT_ANY_DISTRIBUTION)
                && !caller.scopesOf(Permission.REPORT_DISTRIBUTION).contains(provider)) {
            throw new NotPermittedException(Permission.REPORT_DISTRIBUTION);
        }
    }

    private DistributionMap of(Caller caller) {
        return map.onBehalfOf(caller.principal());
    }

    private static void requireRead(Caller caller, String file) {
        if (!caller.may(Permission.READ_DISTRIBUTION, file)) {
            throw new NotPermittedException(Permission.READ_DISTRIBUTION);
        }
    }
}
