package io.lockgate.api.files.locks;

import io.lockgate.api.files.Decimal;
import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.FilesProblemException;
import io.lockgate.api.files.locks.HandleJson.CloseBody;
import io.lockgate.api.files.locks.HandleJson.ClosedHandle;
import io.lockgate.api.files.locks.HandleJson.ClosedInfo;
import io.lockgate.api.files.locks.HandleJson.HandlesPaging;
import io.lockgate.file.FileRef;
import io.lockgate.http.PageLimit;
import io.lockgate.http.ProblemException;
import io.lockgate.identity.Caller;
import io.lockgate.range.Cursor;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantId;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSpace;
import io.lockgate.range.OpenHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request for SMB handles that is in order: which, how much, from where, and how to say the same again. */
record HandlesRequest(Optional<Long> fileNumber, boolean resolvesPaths, int limit, Cursor after) {
    private static final String PATH = "/v1/smb/files/";

    static HandlesRequest of(HandlesQuery query, FilesLimits limits) {
        Optional<Long> fileNumber = Optional.ofNullable(query.fileNumber)
                .filter(text -> !text.isEmpty())
                .map(text -> Decimal.parse(text, "file_number", FilesError.DECODE));
        return new HandlesRequest(
                fileNumber,
                resolvesPaths(query.resolvePaths),
                PageLimit.of(query.limit, limits.pageDefault(), limits.pageMax()),
                query.after == null || query.after.isEmpty()
                        ? Cursor.START
                        : Cursors.parse(query.after, list(fileNumber)));
    }

    /** A right to read locks may be for one file, as its id names it. */
    LockRights rights(Caller caller) {
        return fileNumber
                .map(id -> LockRights.onFile(caller, new FileRef.ById(id)))
                .orElseGet(() -> LockRights.everywhere(caller));
    }

    /** Of one file the opens of its head version, as the lists of locks without a snapshot show. */
    OpenHandles.Query query() {
        return new OpenHandles.Query(
                fileNumber.map(id -> new GrantFilter.FileVersion(id, LockSpace.HEAD)), resolvesPaths);
    }

    /**
     * Path and query of the next page, or null at the end, where clients of this list look for it. Never with {@code
     * /api}: they add it themselves (docs/api-files.md, "SMB handles").
     *
     * @param end whether no page follows
     */
    HandlesPaging next(Cursor next, boolean end) {
        if (end) {
            return new HandlesPaging(null);
        }
        String file = fileNumber
                .map(id -> "&file_number=" + Long.toUnsignedString(id))
                .orElse("");
        return new HandlesPaging(PATH + "?limit=" + limit + (resolvesPaths ? "&resolve_paths=true" : "") + file
                + "&after=" + Cursors.text(next, list(fileNumber)));
    }

    /**
     * The opens that are to be closed; empty for a text that no table can have given.
     *
     * @param most entries at most
     */
    static List<Optional<GrantId>> closed(CloseBody body, int most) {
        List<@Nullable ClosedHandle> handles = body.handles();
        if (handles.size() > most) {
            throw new FilesProblemException(FilesError.DECODE, "the array has more than " + most + " elements");
        }
        List<Optional<GrantId>> opens = new ArrayList<>(handles.size());
        for (int i = 0; i < handles.size(); i++) {
            ClosedHandle handle = FilesFields.element("", handles, i);
            String at = "[" + i + "].handle_info";
            ClosedInfo info = FilesFields.required(at, handle.handleInfo());
            opens.add(GrantId.parse(FilesFields.required(at + ".location", info.location())));
        }
        return opens;
    }

    /** The tools send {@code true}, and those in Python its own {@code True}. */
    private static boolean resolvesPaths(@Nullable String text) {
        return switch (text == null ? "" : text.toLowerCase(Locale.ROOT)) {
            case "true", "1" -> true;
            case "false", "0", "" -> false;
            default -> throw ProblemException.field("resolve_paths", "is neither true nor false");
        };
    }

    private static String list(Optional<Long> fileNumber) {
        return PATH + "\n" + fileNumber.map(Long::toUnsignedString).orElse("");
    }
}
