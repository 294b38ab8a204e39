package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesTextRules;
import io.lockgate.api.files.locks.BreakJson.BreakAllBody;
import io.lockgate.api.files.locks.BreakJson.BreakBody;
import io.lockgate.file.FileRef;
import io.lockgate.http.ProblemException;
import io.lockgate.http.TextRules;
import io.lockgate.identity.Caller;
import io.lockgate.range.ByteRange;
import io.lockgate.range.Cursor;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.breaks.BreakFilter;
import io.lockgate.range.breaks.BreakOrder;
import io.lockgate.range.breaks.Breaks;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An order to break several locks that is in order: which, how, how many, from where. */
record BreakRequest(BreakFilter filter, BreakOrder order, Breaks.Place after, int limit) {
    private static final String KINDS = "one of the fields 'file_id', 'owner_address' and 'session_id' must be given";

    static BreakRequest of(BreakAllBody body) {
        BreakFilter filter = filter(body);
        return new BreakRequest(
                filter,
                order(body.dryRun(), body.reason(), body.noticeMs()),
                body.after() == null || body.after().isEmpty() ? Breaks.Place.START : place(body.after(), filter),
                limit(body.limit()));
    }

    static BreakOrder order(BreakBody body) {
        return order(body.dryRun(), body.reason(), body.noticeMs());
    }

    /** A right to break locks may be for one file, as its id names it. */
    LockRights rights(Caller caller) {
        return filter instanceof BreakFilter.OfFile file
                ? LockRights.onFile(caller, new FileRef.ById(file.file().fileId()))
                : LockRights.everywhere(caller);
    }

    /** The text of {@code after} for the call that goes on there. */
    String text(Breaks.Place next) {
        Cursor cursor = next.after();
        return Cursors.text(new Cursor(cursor.bucket(), next.list() + "." + cursor.position()), filter.text());
    }

    private static Breaks.Place place(String text, BreakFilter filter) {
        Cursor cursor = Cursors.parse(text, filter.text());
        String position = cursor.position();
        // A check sum is no signature.
        if (position.length() < 2
                || position.charAt(1) != '.'
                || position.charAt(0) < '0'
                || position.charAt(0) > '9') {
            throw Cursors.unknown();
        }
        return new Breaks.Place(position.charAt(0) - '0', new Cursor(cursor.bucket(), position.substring(2)));
    }

    private static BreakOrder order(@Nullable Boolean dryRun, @Nullable String reason, @Nullable Long noticeMs) {
        boolean dry = Boolean.TRUE.equals(dryRun);
        String why = Objects.requireNonNullElse(reason, "");
        if (why.isBlank() && !dry) {
            if (why.isEmpty()) {
                throw ProblemException.missing("reason");
            }
            throw ProblemException.field("reason", "is blank");
        }
        TextRules.faultOf(why, BreakOrder.MAX_REASON_BYTES).ifPresent(fault -> {
            throw ProblemException.field("reason", fault);
        });
        long notice = Objects.requireNonNullElse(noticeMs, 0L);
        if (notice < 0 || notice > BreakOrder.MAX_NOTICE.toMillis()) {
            throw ProblemException.field("notice_ms", "is not between 0 and " + BreakOrder.MAX_NOTICE.toMillis());
        }
        return new BreakOrder(dry, why, Duration.ofMillis(notice));
    }

    private static BreakFilter filter(BreakAllBody body) {
        long kinds = Stream.of(
                        Optional.ofNullable(body.fileId()),
                        Optional.ofNullable(body.ownerAddress()),
                        Optional.ofNullable(body.sessionId()))
                .filter(Optional::isPresent)
                .count();
        if (kinds == 0) {
            throw ProblemException.field("file_id", "not found: " + KINDS);
        }
        if (kinds > 1) {
            String field = body.sessionId() == null ? "owner_address" : "session_id";
            throw ProblemException.field(field, "must be absent: only " + KINDS);
        }
        if (body.fileId() != null) {
            return new BreakFilter.OfFile(
                    new GrantFilter.FileVersion(
                            body.fileId().value("file_id", FilesError.DECODE),
                            LockRequestParser.snapshotId("snapshot_id", body.snapshotId())),
                    range(body));
        }
        refuse("snapshot_id", body.snapshotId());
        refuse("offset", body.offset());
        refuse("size", body.size());
        if (body.ownerAddress() != null) {
            return new BreakFilter.OfMachine(FilesTextRules.address("owner_address", body.ownerAddress()));
        }
        return new BreakFilter.OfSession(
                LockRequestParser.sessionId(FilesTextRules.id("session_id", String.valueOf(body.sessionId()))));
    }

    /** Of every protocol; 0 as a size is of use in POSIX alone. */
    private static Optional<ByteRange> range(BreakAllBody body) {
        return body.offset() == null && body.size() == null
                ? Optional.empty()
                : Optional.of(LockRequestParser.range(LockSemantics.POSIX, "", body.offset(), body.size()));
    }

    private static void refuse(String field, @Nullable Object value) {
        if (value != null) {
            throw ProblemException.field(field, "must be absent without field 'file_id'");
        }
    }

    private static int limit(@Nullable Long limit) {
        if (limit == null) {
            return Breaks.MOST_LOCKS;
        }
        if (limit < 1 || limit > Breaks.MOST_LOCKS) {
            throw ProblemException.field("limit", "is not between 1 and " + Breaks.MOST_LOCKS);
        }
        return limit.intValue();
    }
}
