package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.FilesRequest;
import io.lockgate.api.files.FilesTextRules;
import io.lockgate.api.files.locks.LockJson.PagingBody;
import io.lockgate.http.PageLimit;
import io.lockgate.http.Percent;
import io.lockgate.range.Cursor;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockRights;
import io.lockgate.range.Protocol;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A list request that is in order: what to show, how much, from where, and how to say the same again for the next page.
 *
 * @param snapshotId set when one file is listed
 * @param list what tells this list from others: its path and its filters
 */
record ListRequest(
        Optional<String> snapshotId,
        Optional<String> ownerName,
        Optional<String> ownerAddress,
        Optional<String> ownerId,
        boolean mine,
        int limit,
        Cursor after,
        String list) {

    /** @param path of the request, with its own prefix */
    static ListRequest of(ListQuery query, FilesLimits limits, String path) {
        Optional<String> snapshotId = query instanceof FileListQuery file
                ? Optional.of(LockRequestParser.snapshotId("snapshot", file.snapshot))
                : Optional.empty();
        Optional<String> ownerName = filter("owner_name", query.ownerName);
        Optional<String> ownerAddress = address("owner_address", query.ownerAddress);
        Optional<String> ownerId = filter("owner_id", query.ownerId);
        boolean mine = FilesFields.flag("mine", query.mine);
        String list = String.join(
                "\n", name(path), snapshotId + "", ownerName + "", ownerAddress + "", ownerId + "", mine + "");
        return new ListRequest(
                snapshotId,
                ownerName,
                ownerAddress,
                ownerId,
                mine,
                PageLimit.of(query.limit, limits.pageDefault(), limits.pageMax()),
                query.after == null || query.after.isEmpty() ? Cursor.START : Cursors.parse(query.after, list),
                list);
    }

    /** Both prefixes, and the path with and without its last slash, name one list. */
    private static String name(String path) {
        String plain =
                path.startsWith(FilesRequest.API_PREFIX) ? path.substring(FilesRequest.API_PREFIX.length()) : path;
        return plain.endsWith("/") ? plain.substring(0, plain.length() - 1) : plain;
    }

    /** The filter for all files. */
    GrantFilter filter(Protocol protocol, LockRights rights) {
        return filter(protocol, rights, Optional.empty());
    }

    /** The filter for one file. */
    GrantFilter filter(Protocol protocol, LockRights rights, long fileId) {
        return filter(protocol, rights, Optional.of(new GrantFilter.FileVersion(fileId, snapshotId.orElse(""))));
    }

    /**
     * Path and query of the page after {@code next}: always there, with every filter and the limit, because clients
     * follow it as it is, some of them from an empty page too (docs/api-files.md, "Lists and paging").
     */
    PagingBody next(String path, Cursor next) {
        StringBuilder uri = new StringBuilder(path).append("?limit=").append(limit);
        snapshotId.filter(id -> !id.isEmpty()).ifPresent(id -> append(uri, "snapshot", id));
        ownerName.ifPresent(name -> append(uri, "owner_name", name));
        ownerAddress.ifPresent(address -> append(uri, "owner_address", address));
        ownerId.ifPresent(id -> append(uri, "owner_id", id));
        if (mine) {
            append(uri, "mine", "true");
        }
        append(uri, "after", Cursors.text(next, list));
        return new PagingBody(uri.toString());
    }

    /** A filter of a list or of a release by client. */
    static Optional<String> filter(String field, @Nullable String text) {
        return text == null || text.isEmpty() ? Optional.empty() : Optional.of(FilesTextRules.name(field, text));
    }

    /** The same for an address: in its canonical form. */
    static Optional<String> address(String field, @Nullable String text) {
        return text == null || text.isEmpty() ? Optional.empty() : Optional.of(FilesTextRules.address(field, text));
    }

    private GrantFilter filter(Protocol protocol, LockRights rights, Optional<GrantFilter.FileVersion> file) {
        return new GrantFilter(
                protocol,
                file,
                ownerAddress,
                ownerName,
                ownerId,
                mine ? Optional.of(rights.principal()) : Optional.empty());
    }

    private static void append(StringBuilder uri, String name, String value) {
        uri.append('&').append(name).append('=').append(Percent.encode(value));
    }
}
