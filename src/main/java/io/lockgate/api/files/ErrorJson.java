package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every error of this API, and what a conflict says. Jackson reads and writes them by reflection, which a native image
 * must be told.
 */
@RegisterForReflection
public final class ErrorJson {
    private ErrorJson() {}

    /** Every error of this API. */
    public record ErrorBody(
            String module,
            @JsonProperty("error_class") String errorClass,
            String description,
            List<String> stack,
            @JsonProperty("user_visible") Boolean userVisible,
            @Nullable ConflictBody conflict,
            @Nullable DeadlockBody deadlock,
            @Nullable Integer index,
            @Nullable String outcome)
            implements JsonBody {
        ErrorBody with(ConflictBody newConflict) {
            return new ErrorBody(
                    module, errorClass, description, stack, userVisible, newConflict, deadlock, index, outcome);
        }

        ErrorBody with(DeadlockBody newDeadlock) {
            return new ErrorBody(
                    module, errorClass, description, stack, userVisible, conflict, newDeadlock, index, outcome);
        }

        ErrorBody with(@Nullable Integer newIndex, @Nullable String newOutcome) {
            return new ErrorBody(
                    module, errorClass, description, stack, userVisible, conflict, deadlock, newIndex, newOutcome);
        }
    }

    /**
     * Requests that waited for each other.
     *
     * @param cycle the first of them, each of which waited for the next one or for its owner; the first was refused
     * @param length of the whole cycle, whose last waited so for the first
     */
    public record DeadlockBody(List<DeadlockMember> cycle, Integer length) implements JsonBody {}

    /**
     * A request in a cycle. All but {@code own} are null for one that the caller may not see.
     *
     * @param own whether it is the caller's
     */
    public record DeadlockMember(
            Boolean own,
            @JsonProperty("waiter_id") @Nullable String waiterId,
            @JsonProperty("file_id") @Nullable String fileId,
            @JsonProperty("stream_id") @Nullable String streamId,
            @JsonProperty("snapshot_id") @Nullable String snapshotId,
            @Nullable List<String> mode,
            @Nullable String offset,
            @Nullable String size,
            @JsonProperty("owner_id") @Nullable String ownerId,
            @JsonProperty("owner_name") @Nullable String ownerName,
            @JsonProperty("owner_address") @Nullable String ownerAddress)
            implements JsonBody {}

    /** Why a lock was refused, and what could be had instead. */
    public record ConflictBody(
            List<BlockerBody> blockers,
            List<RangePart> free,
            Boolean more,
            @JsonProperty("retry_after_ms") @Nullable Long retryAfterMs)
            implements JsonBody {}

    /**
     * A lock that refuses another one.
     *
     * @param offset absent of an open, and so are {@code size} and {@code ownerName}
     * @param provisional true when it was granted from a queue and is not confirmed
     * @param waiting true when it is a request that waits, and came first
     */
    public record BlockerBody(
            @Nullable String offset,
            @Nullable String size,
            List<String> mode,
            @JsonProperty("expires_in_ms") @Nullable Long expiresInMs,
            @Nullable Boolean provisional,
            @Nullable Boolean waiting,
            @JsonProperty("grant_id") @Nullable String grantId,
            @JsonProperty("owner_id") @Nullable String ownerId,
            @JsonProperty("owner_name") @Nullable String ownerName,
            @JsonProperty("owner_address") @Nullable String ownerAddress)
            implements JsonBody {}

    /** A part of a range. */
    public record RangePart(String offset, String size) implements JsonBody {}
}
