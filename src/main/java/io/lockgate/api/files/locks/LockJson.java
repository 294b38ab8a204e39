package io.lockgate.api.files.locks;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.api.files.Decimal;
import io.lockgate.api.files.ErrorJson.BlockerBody;
import io.lockgate.api.files.JsonBody;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of the locks of the files API. Jackson reads and writes them by reflection, which a native image must be told.
 */
@RegisterForReflection
public final class LockJson {
    private LockJson() {}

    /**
     * An asked lock, as acquire, test and batch take it. What is nullable but required is checked by {@link
     * LockRequestParser}.
     */
    record LockBody(
            @Nullable List<@Nullable String> mode,
            @Nullable Decimal offset,
            @Nullable Decimal size,
            @JsonProperty("owner_id") @Nullable String ownerId,
            @JsonProperty("owner_name") @Nullable String ownerName,
            @JsonProperty("owner_address") @Nullable String ownerAddress,
            @JsonProperty("stream_id") @Nullable String streamId,
            @JsonProperty("snapshot_id") @Nullable String snapshotId,
            @JsonProperty("lease_ms") @Nullable Long leaseMs,
            @JsonProperty("session_id") @Nullable String sessionId,
            @JsonProperty("wait_ms") @Nullable JsonNode waitMs,
            @Nullable JsonNode reclaim,
            @Nullable JsonNode receipt,
            @Nullable JsonNode durability)
            implements JsonBody {}

    /** An asked release of a batch. */
    record UnlockBody(
            @Nullable Decimal offset,
            @Nullable Decimal size,
            @JsonProperty("owner_id") @Nullable String ownerId,
            @JsonProperty("owner_name") @Nullable String ownerName,
            @JsonProperty("stream_id") @Nullable String streamId,
            @JsonProperty("snapshot_id") @Nullable String snapshotId)
            implements JsonBody {}

    /** Several releases and locks of one file. */
    record BatchBody(
            @Nullable List<@Nullable LockBody> locks,
            @Nullable List<@Nullable UnlockBody> unlocks) implements JsonBody {}

    /** A renewal; without a lease it confirms. */
    record RenewBody(@JsonProperty("lease_ms") @Nullable Long leaseMs) implements JsonBody {}

    /** The question whether a token is still good. */
    record FenceBody(
            @JsonProperty("file_id") @Nullable Decimal fileId,
            @JsonProperty("stream_id") @Nullable String streamId,
            @JsonProperty("snapshot_id") @Nullable String snapshotId,
            @Nullable Decimal offset,
            @Nullable Decimal size,
            @JsonProperty("fencing_token") @Nullable Decimal fencingToken)
            implements JsonBody {}

    /**
     * A grant: the fields of the published API in their order, then those of Lockgate.
     *
     * @param offset absent of an open, and so are {@code size} and {@code ownerName}: by that clients tell opens from
     *     byte ranges
     * @param confirmWithinMs of a provisional one
     * @param breaksInMs of one of which it is announced that it will be broken
     * @param waiting true when it is not granted, but a request that waits
     * @param changed of an acquire: other grants that it has cut or made
     */
    record GrantBody(
            @JsonProperty("file_id") String fileId,
            @JsonProperty("stream_id") String streamId,
            @JsonProperty("snapshot_id") String snapshotId,
            List<String> mode,
            @Nullable String offset,
            @Nullable String size,
            @JsonProperty("owner_id") @Nullable String ownerId,
            @JsonProperty("owner_name") @Nullable String ownerName,
            @JsonProperty("owner_address") @Nullable String ownerAddress,
            @JsonProperty("node_address") @Nullable String nodeAddress,
            @JsonProperty("client_id") @Nullable String clientId,
            @JsonProperty("state_id") @Nullable String stateId,
            @JsonProperty("node_id") @Nullable Long nodeId,
            @JsonProperty("grant_id") @Nullable String grantId,
            @JsonProperty("fencing_token") @Nullable String fencingToken,
            @JsonProperty("expires_in_ms") @Nullable Long expiresInMs,
            @JsonProperty("session_id") @Nullable String sessionId,
            Boolean provisional,
            @JsonProperty("confirm_within_ms") @Nullable Long confirmWithinMs,
            @JsonProperty("breaks_in_ms") @Nullable Long breaksInMs,
            @Nullable Boolean waiting,
            @Nullable List<GrantBody> changed)
            implements JsonBody {
        GrantBody with(@Nullable List<GrantBody> changedGrants) {
            return changedGrants == null
                    ? this
                    : new GrantBody(
                            fileId,
                            streamId,
                            snapshotId,
                            mode,
                            offset,
                            size,
                            ownerId,
                            ownerName,
                            ownerAddress,
                            nodeAddress,
                            clientId,
                            stateId,
                            nodeId,
                            grantId,
                            fencingToken,
                            expiresInMs,
                            sessionId,
                            provisional,
                            confirmWithinMs,
                            breaksInMs,
                            waiting,
                            changedGrants);
        }
    }

    /** A grant that was renewed or confirmed, what others took of it, and what its owner is told. */
    record GrantRenewed(@JsonUnwrapped GrantBody grant, List<GrantBody> lost, List<NoticeBody> notices, Boolean more)
            implements JsonBody {}

    /**
     * What the owner of a lock is told.
     *
     * @param kind {@code announced}, {@code cancelled} or {@code restored}
     * @param grant as it stood then
     * @param breaksInMs of an announcement, and so is {@code reason}
     */
    record NoticeBody(
            String kind,
            GrantBody grant,
            @JsonProperty("breaks_in_ms") @Nullable Long breaksInMs,
            @Nullable String reason)
            implements JsonBody {}

    /** A page of grants. */
    record GrantsPage(List<GrantBody> grants, PagingBody paging) implements JsonBody {}

    /** Where the next page is. */
    record PagingBody(String next) implements JsonBody {}

    /** A session to open. */
    record SessionOpenBody(
            @JsonProperty("owner_name") @Nullable String ownerName,
            @JsonProperty("ttl_ms") @Nullable Long ttlMs) implements JsonBody {}

    /** A session that was opened. */
    record SessionOpened(
            @JsonProperty("session_id") String sessionId,
            @JsonProperty("ttl_ms") Long ttlMs,
            @JsonProperty("expires_in_ms") Long expiresInMs)
            implements JsonBody {}

    /** A session that was renewed, what others took of its locks, and what its owner is told. */
    record SessionRenewed(
            @JsonProperty("session_id") String sessionId,
            @JsonProperty("ttl_ms") Long ttlMs,
            @JsonProperty("expires_in_ms") Long expiresInMs,
            List<GrantBody> lost,
            List<NoticeBody> notices,
            Boolean more)
            implements JsonBody {}

    /** A session in a list. */
    record SessionBody(
            @JsonProperty("session_id") String sessionId,
            @JsonProperty("owner_name") String ownerName,
            @JsonProperty("ttl_ms") Long ttlMs,
            @JsonProperty("expires_in_ms") Long expiresInMs)
            implements JsonBody {}

    /** A page of sessions. */
    record SessionsPage(List<SessionBody> sessions, PagingBody paging) implements JsonBody {}

    /** A session and a page of its grants and, behind these, of its requests that wait. */
    record SessionGrants(
            @JsonProperty("session_id") String sessionId,
            @JsonProperty("owner_name") String ownerName,
            @JsonProperty("ttl_ms") Long ttlMs,
            @JsonProperty("expires_in_ms") Long expiresInMs,
            List<GrantBody> grants,
            List<WaiterBody> waiters,
            PagingBody paging)
            implements JsonBody {}

    /** The outcome of a batch. */
    record BatchDone(
            List<GrantBody> grants,
            Long released,
            @Nullable List<GrantBody> changed,
            @Nullable Boolean more) implements JsonBody {}

    /** What a release has left of the grants that it has cut. */
    record LeftGrants(List<GrantBody> grants, @Nullable Boolean more) implements JsonBody {}

    /** The grants that block a tested lock. */
    record BlockersBody(List<GrantBody> grants) implements JsonBody {}

    /** Whether a token is still good. */
    record FenceAnswer(Boolean valid, @Nullable GrantBody grant) implements JsonBody {}

    /** Counts instead of rows. */
    record CountsBody(String by, List<CountBody> counts) implements JsonBody {}

    /** How many grants have one value of the property. */
    record CountBody(String key, Long count) implements JsonBody {}

    /**
     * Where a lock that waits stands.
     *
     * @param position how many earlier waiters conflict with it
     * @param blockers the first that it waits for
     */
    record WaitingBody(
            @JsonProperty("waiter_id") String waiterId,
            Long position,
            @JsonProperty("wait_left_ms") Long waitLeftMs,
            @JsonProperty("poll_within_ms") Long pollWithinMs,
            List<BlockerBody> blockers)
            implements JsonBody {}

    /**
     * A request that waits: the lock that it asks for, without the id and token of a grant.
     *
     * @param waiterId absent when the caller may not see whose it is
     */
    record WaiterBody(
            @JsonUnwrapped GrantBody asked,
            @JsonProperty("waiter_id") @Nullable String waiterId,
            @JsonProperty("wait_left_ms") Long waitLeftMs)
            implements JsonBody {}

    /**
     * The data of an event: the lock that it is about.
     *
     * @param waiterId of the request that waits or waited for it
     * @param at when, by the store's clock
     */
    record EventBody(
            String protocol,
            @JsonUnwrapped GrantBody grant,
            @JsonProperty("waiter_id") @Nullable String waiterId,
            String at)
            implements JsonBody {}

    /** A page of requests that wait. */
    record WaitersPage(List<WaiterBody> waiters, PagingBody paging) implements JsonBody {}
}
