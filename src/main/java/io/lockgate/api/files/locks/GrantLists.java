package io.lockgate.api.files.locks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.locks.LockJson.GrantsPage;
import io.lockgate.http.Json;
import io.lockgate.http.RowSlices;
import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantPage;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.RangeLocks;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.List;

/**
 * Answers lists of grants: a short one in one piece with its length, a long one in slices, each read from the table
 * when the client has taken the one before.
 */
@Singleton
public final class GrantLists {
    /** Rows of a slice; about 350 KB. */
    public static final int SLICE = 500;

    private final RangeLocks locks;
    private final GrantView grants;

    GrantLists(RangeLocks locks, GrantView grants) {
        this.locks = locks;
        this.grants = grants;
    }

    /** @param path of the request, with its own prefix */
    Uni<Response> answer(LockRights rights, GrantFilter filter, ListRequest request, String path) {
        int rows = Math.min(request.limit(), SLICE);
        return locks.list(rights, filter, request.after(), rows)
                .map(page -> page.grants().size() < rows || rows == request.limit()
                        ? FilesReplies.ok(
                                new GrantsPage(grants.show(rights, page.grants()), request.next(path, page.next())))
                        : sliced(new Walk(rights, filter, request, path), page));
    }

    private static Response sliced(Walk walk, GrantPage first) {
        return Response.ok(RowSlices.of(
                        "grants",
                        LockTableUnavailableException.class,
                        "{\"grants\":[",
                        walk.slice(first, SLICE),
                        walk::next))
                .build();
    }

    /** One list under way. */
    private final class Walk {
        private final LockRights rights;
        private final GrantFilter filter;
        private final ListRequest request;
        private final String path;
        private int left;
        private Cursor after;

        Walk(LockRights rights, GrantFilter filter, ListRequest request, String path) {
            this.rights = rights;
            this.filter = filter;
            this.request = request;
            this.path = path;
            this.left = request.limit();
            this.after = request.after();
        }

        Uni<RowSlices.Slice> next() {
            int rows = Math.min(left, SLICE);
            return locks.listFurther(rights, filter, after, rows).map(page -> slice(page, rows));
        }

        /** The rows of {@code page}, and what follows them when they are the last. */
        RowSlices.Slice slice(GrantPage page, int asked) {
            List<Grant> rows = page.grants();
            after = page.next();
            left -= rows.size();
            boolean last = left == 0 || rows.size() < asked;
            return new RowSlices.Slice(Json.write(grants.show(rights, rows)), last ? end() : null);
        }

        private byte[] end() {
            String paging = new String(Json.write(request.next(path, after)), UTF_8);
            return ("],\"paging\":" + paging + "}").getBytes(UTF_8);
        }
    }
}
