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
            @Nullable Integer index,
            @Nullable String outcome)
            implements JsonBody {
        ErrorBody with(@Nullable ConflictBody newConflict, @Nullable Integer newIndex, @Nullable String newOutcome) {
            return new ErrorBody(
                    module, errorClass, description, stack, userVisible, newConflict, newIndex, newOutcome);
        }
    }

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
     * @param provisional true when it was granted from a queue and is not confirmed
     * @param waiting true when it is a request that waits, and came first
     */
    public record BlockerBody(
            String offset,
            String size,
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
