package io.lockgate.api.files.locks;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.lockgate.api.files.Decimal;
import io.lockgate.api.files.JsonBody;
import io.lockgate.api.files.locks.LockJson.GrantBody;
import io.lockgate.api.files.locks.LockJson.WaiterBody;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of the break of locks. Jackson reads and writes them by reflection, which a native image must be told.
 */
@RegisterForReflection
public final class BreakJson {
    private BreakJson() {}

    /** The order to break one lock. */
    record BreakBody(
            @JsonProperty("dry_run") @Nullable Boolean dryRun,
            @Nullable String reason,
            @JsonProperty("notice_ms") @Nullable Long noticeMs)
            implements JsonBody {}

    /** The order to break several locks: of a file, of a machine or of a session. */
    record BreakAllBody(
            @JsonProperty("file_id") @Nullable Decimal fileId,
            @JsonProperty("snapshot_id") @Nullable String snapshotId,
            @Nullable Decimal offset,
            @Nullable Decimal size,
            @JsonProperty("owner_address") @Nullable String ownerAddress,
            @JsonProperty("session_id") @Nullable String sessionId,
            @JsonProperty("dry_run") @Nullable Boolean dryRun,
            @Nullable String reason,
            @JsonProperty("notice_ms") @Nullable Long noticeMs,
            @Nullable String after,
            @Nullable Long limit)
            implements JsonBody {}

    /**
     * A lock that is broken, or could be.
     *
     * @param lastHeartbeat of its session
     */
    record BrokenLock(
            @JsonUnwrapped GrantBody grant,
            @JsonProperty("held_since") String heldSince,
            @JsonProperty("last_heartbeat") @Nullable String lastHeartbeat)
            implements JsonBody {}

    /**
     * What came of the order to break one lock.
     *
     * @param breaksInMs when a notice was given
     * @param undoWithinMs when it was broken
     * @param more true when other requests would be granted, too
     */
    record BreakDone(
            @JsonProperty("dry_run") Boolean dryRun,
            Boolean broken,
            @JsonProperty("breaks_in_ms") @Nullable Long breaksInMs,
            @JsonProperty("undo_within_ms") @Nullable Long undoWithinMs,
            BrokenLock lock,
            @JsonProperty("would_grant") List<WaiterBody> wouldGrant,
            @Nullable Boolean more)
            implements JsonBody {}

    /** One of several locks. */
    record BrokenOne(
            BrokenLock lock,
            @JsonProperty("would_grant") List<WaiterBody> wouldGrant,
            @Nullable Boolean more) implements JsonBody {}

    /**
     * What came of the order to break several locks.
     *
     * @param broken how many of {@code locks} were
     * @param next where the following call goes on, when there may be more
     */
    record BreakAllDone(
            @JsonProperty("dry_run") Boolean dryRun,
            Integer broken,
            List<BrokenOne> locks,
            Boolean more,
            @Nullable String next)
            implements JsonBody {}
}
