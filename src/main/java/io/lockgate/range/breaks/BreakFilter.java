package io.lockgate.range.breaks;

import io.lockgate.range.ByteRange;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockType;
import io.lockgate.range.Protocol;
import io.lockgate.range.SessionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which locks one call breaks: ranges of all protocols, and opens. */
public sealed interface BreakFilter {
    /**
     * Of one version of a file.
     *
     * @param range only byte ranges with a byte of it; empty for all, and opens
     */
    record OfFile(GrantFilter.FileVersion file, Optional<ByteRange> range) implements BreakFilter {
        @Override
        public boolean matches(Grant grant) {
            return range.isEmpty() || haveCommonByte(range.get(), grant.range());
        }

        private static boolean haveCommonByte(ByteRange one, ByteRange other) {
            return !one.empty()
                    && !other.empty()
                    && Long.compareUnsigned(one.first(), other.last()) <= 0
                    && Long.compareUnsigned(other.first(), one.last()) <= 0;
        }
    }

    /** Of one machine. */
    record OfMachine(String ownerAddress) implements BreakFilter {}

    /** Of one client session. */
    record OfSession(SessionId session) implements BreakFilter {}

    /** Whether a lock of the {@linkplain #lists lists} is meant. */
    default boolean matches(Grant grant) {
        return true;
    }

    /** The lists in which the locks stand, in the order in which they are read; none for a session, which has one of its own. */
    default List<GrantFilter> lists() {
        return switch (this) {
            case OfFile(GrantFilter.FileVersion file, Optional<ByteRange> range) ->
                lists(Optional.of(file), Optional.empty(), range.isEmpty());
            case OfMachine(String address) -> lists(Optional.empty(), Optional.of(address), true);
            case OfSession ignored -> List.of();
        };
    }

    /** The filter in words, for the audit trail. */
    default String text() {
        return switch (this) {
            case OfFile(GrantFilter.FileVersion file, Optional<ByteRange> range) ->
                range.map(bytes -> bytes + " of ").orElse("all of ")
                        + "file " + Long.toUnsignedString(file.fileId())
                        + (file.snapshotId().isEmpty() ? "" : " snapshot " + file.snapshotId());
            case OfMachine(String address) -> "owner_address=" + address;
            case OfSession(SessionId session) -> "session_id=" + session;
        };
    }

    private static List<GrantFilter> lists(
            Optional<GrantFilter.FileVersion> file, Optional<String> ownerAddress, boolean opens) {
        List<GrantFilter> lists = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            lists.add(new GrantFilter(
                    protocol, file, ownerAddress, Optional.empty(), Optional.empty(), Optional.empty()));
        }
        if (opens) {
            lists.add(lists.getLast().ofType(LockType.SHARE_MODE));
        }
        return lists;
    }
}
