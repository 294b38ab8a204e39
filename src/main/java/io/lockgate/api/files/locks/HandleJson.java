package io.lockgate.api.files.locks;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.lockgate.api.files.JsonBody;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of the handles of SMB. Jackson reads and writes them by reflection, which a native image must be told.
 */
@RegisterForReflection
public final class HandleJson {
    private HandleJson() {}

    /** An open as lock managers see it. */
    record HandleBody(
            @JsonProperty("file_number") String fileNumber,
            @JsonProperty("handle_info") HandleInfo handleInfo) implements JsonBody {}

    /**
     * What is known of an open.
     *
     * @param location by which it can be closed
     * @param path empty when it was not asked for, or the file has none
     */
    record HandleInfo(
            String location,
            Long version,
            @JsonProperty("num_byte_range_locks") Long numByteRangeLocks,
            @JsonProperty("access_mask") List<String> accessMask,
            String owner,
            String path)
            implements JsonBody {}

    /** A page of opens. */
    record HandlesPage(@JsonProperty("file_handles") List<HandleBody> fileHandles, HandlesPaging paging)
            implements JsonBody {}

    /** Where the next page is; null, not absent, at the end. */
    record HandlesPaging(
            @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String next) implements JsonBody {}

    /** Opens to close: an array without an object around it, of what the list has shown. */
    record CloseBody(List<@Nullable ClosedHandle> handles) implements JsonBody {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        CloseBody {}
    }

    /** An open to close; the list's other fields do not matter. */
    record ClosedHandle(
            @JsonProperty("handle_info") @Nullable ClosedInfo handleInfo) implements JsonBody {}

    /** Which open. */
    record ClosedInfo(@Nullable String location) implements JsonBody {}

    /** What came of each, in the order asked: an array without an object around it. */
    record CloseOutcomes(@JsonValue List<CloseOutcome> outcomes) implements JsonBody {}

    /** What came of one: empty when it was closed. */
    record CloseOutcome(@JsonProperty("error_message") String errorMessage) implements JsonBody {}
}
