package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.FilesProblemException;
import io.lockgate.file.BadPathException;
import io.lockgate.file.FileRef;
import io.lockgate.http.ProblemException;
import io.lockgate.range.SessionId;
import io.lockgate.range.event.EventFilter;
import io.lockgate.range.event.EventPosition;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request for events that is in order.
 *
 * @param filter but for the file, whose id may not be known yet
 * @param after to go on behind; empty: from now on
 */
record EventsRequest(Optional<FileRef> file, EventFilter filter, Optional<EventPosition> after) {
    private static final String LAST_EVENT_ID = "Last-Event-ID";

    static EventsRequest of(EventsQuery query, @Nullable String lastEventId) {
        Optional<FileRef> file = file(query);
        Optional<String> snapshot = Optional.ofNullable(query.snapshot)
                .filter(text -> !text.isEmpty())
                .map(text -> LockRequestParser.snapshotId("snapshot", text));
        if (snapshot.isPresent() && file.isEmpty()) {
            throw ProblemException.field("snapshot", "needs a file: give file_id or path");
        }
        EventFilter filter = new EventFilter(
                Optional.empty(),
                snapshot,
                ListRequest.address("owner_address", query.ownerAddress),
                ListRequest.filter("owner_name", query.ownerName),
                ListRequest.filter("owner_id", query.ownerId),
                Optional.ofNullable(query.sessionId)
                        .filter(text -> !text.isEmpty())
                        .map(text -> SessionId.parse(text)
                                .orElseThrow(() -> ProblemException.field("session_id", "is not the id of a session"))),
                FilesFields.flag("mine", query.mine));
        return new EventsRequest(file, filter, after(lastEventId));
    }

    private static Optional<FileRef> file(EventsQuery query) {
        boolean byId = query.fileId != null && !query.fileId.isEmpty();
        boolean byPath = query.path != null && !query.path.isEmpty();
        if (byId && byPath) {
            throw ProblemException.field("path", "must not be given with file_id");
        }
        if (byId) {
            return Optional.of(ref("file_id", query.fileId, FileRef.ById.class));
        }
        return byPath ? Optional.of(ref("path", query.path, FileRef.ByPath.class)) : Optional.empty();
    }

    private static FileRef ref(String field, @Nullable String text, Class<? extends FileRef> kind) {
        try {
            FileRef ref = FileRef.parse(String.valueOf(text));
            if (kind.isInstance(ref)) {
                return ref;
            }
        } catch (BadPathException e) {
            throw notAFile(field, e.getMessage());
        }
        throw notAFile(field, field.equals("path") ? "does not begin with a slash" : "is not a decimal id");
    }

    private static FilesProblemException notAFile(String field, @Nullable String fault) {
        return new FilesProblemException(FilesError.INVALID_PATH, "field '" + field + "' " + fault);
    }

    private static Optional<EventPosition> after(@Nullable String lastEventId) {
        if (lastEventId == null || lastEventId.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(EventPosition.parse(lastEventId).orElseThrow(EventsRequest::unknownPosition));
    }

    /** The position to begin with, when it is {@code now} at the end of the log. */
    EventPosition begin(EventPosition now) {
        if (after.isPresent() && !after.get().isOfSameBuckets(now)) {
            throw unknownPosition();
        }
        return after.orElse(now);
    }

    private static ProblemException unknownPosition() {
        return ProblemException.field(LAST_EVENT_ID, "is not the id of an event of this stream");
    }
}
