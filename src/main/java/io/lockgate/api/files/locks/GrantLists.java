package io.lockgate.api.files.locks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.JsonBody;
import io.lockgate.api.files.locks.HandleJson.HandleBody;
import io.lockgate.api.files.locks.HandleJson.HandlesPage;
import io.lockgate.api.files.locks.HandleJson.HandlesPaging;
import io.lockgate.api.files.locks.LockJson.GrantBody;
import io.lockgate.api.files.locks.LockJson.GrantsPage;
import io.lockgate.api.files.locks.LockJson.PagingBody;
import io.lockgate.api.files.locks.LockJson.WaiterBody;
import io.lockgate.api.files.locks.LockJson.WaitersPage;
import io.lockgate.http.Json;
import io.lockgate.http.RowSlices;
import io.lockgate.range.Cursor;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantPage;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.OpenHandles;
import io.lockgate.range.RangeLocks;
import io.lockgate.range.queue.QueuedLocks;
import io.lockgate.range.queue.WaiterPage;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Answers lists of grants, of requests that wait, and of SMB handles: a short one in one piece with its length, a long one in slices,
 * each read from the table when the client has taken the one before.
 */
@Singleton
public final class GrantLists {
    /** Rows of a slice; about 350 KB. */
    public static final int SLICE = 500;

    private final RangeLocks locks;
    private final QueuedLocks queue;
    private final OpenHandles handles;
    private final GrantView grants;

    GrantLists(RangeLocks locks, QueuedLocks queue, OpenHandles handles, GrantView grants) {
        this.locks = locks;
        this.queue = queue;
        this.handles = handles;
        this.grants = grants;
    }

    /**
     * Grants.
     *
     * @param path of the request, with its own prefix
     */
    Uni<Response> answer(LockRights rights, GrantFilter filter, ListRequest request, String path) {
        return answer(
                new Rows<GrantBody, PagingBody>(
                        "grants",
                        (after, limit) ->
                                locks.list(rights, filter, after, limit).map(page -> shown(rights, page)),
                        (after, limit) ->
                                locks.listFurther(rights, filter, after, limit).map(page -> shown(rights, page)),
                        (next, end) -> request.next(path, next),
                        GrantsPage::new),
                request.after(),
                request.limit());
    }

    /**
     * Requests that wait.
     *
     * @param path of the request, with its own prefix
     */
    Uni<Response> waiters(LockRights rights, GrantFilter filter, ListRequest request, String path) {
        return answer(
                new Rows<WaiterBody, PagingBody>(
                        "waiters",
                        (after, limit) ->
                                queue.list(rights, filter, after, limit).map(page -> shown(rights, page)),
                        (after, limit) ->
                                queue.listFurther(rights, filter, after, limit).map(page -> shown(rights, page)),
                        (next, end) -> request.next(path, next),
                        WaitersPage::new),
                request.after(),
                request.limit());
    }

    /** SMB handles: one row for each open. */
    Uni<Response> handles(LockRights rights, HandlesRequest request) {
        OpenHandles.Query query = request.query();
        return answer(
                new Rows<HandleBody, HandlesPaging>(
                        "file_handles",
                        (after, limit) ->
                                handles.list(rights, query, after, limit).map(GrantLists::shown),
                        (after, limit) ->
                                handles.listFurther(rights, query, after, limit).map(GrantLists::shown),
                        request::next,
                        HandlesPage::new),
                request.after(),
                request.limit());
    }

    private Page<GrantBody> shown(LockRights rights, GrantPage page) {
        return new Page<>(grants.show(rights, page.grants()), page.next());
    }

    private Page<WaiterBody> shown(LockRights rights, WaiterPage page) {
        return new Page<>(grants.showWaiters(rights, page.waiters()), page.next());
    }

    private static Page<HandleBody> shown(OpenHandles.Page page) {
        return new Page<>(page.handles().stream().map(HandleView::show).toList(), page.next());
    }

    private static <B extends JsonBody, P extends JsonBody> Uni<Response> answer(
            Rows<B, P> rows, Cursor after, int limit) {
        int asked = Math.min(limit, SLICE);
        return rows.first().read(after, asked).map(page -> {
            boolean end = page.rows().size() < asked;
            return end || asked == limit
                    ? FilesReplies.ok(
                            rows.whole().apply(page.rows(), rows.paging().of(page.next(), end)))
                    : sliced(new Walk<>(rows, after, limit), page);
        });
    }

    private static <B extends JsonBody, P extends JsonBody> Response sliced(Walk<B, P> walk, Page<B> first) {
        return Response.ok(RowSlices.of(
                        walk.rows.name(),
                        LockTableUnavailableException.class,
                        "{\"" + walk.rows.name() + "\":[",
                        walk.slice(first, SLICE),
                        walk::next))
                .build();
    }

    /** Some rows as they are shown, and where the next begin. */
    private record Page<B>(List<B> rows, Cursor next) {}

    @FunctionalInterface
    private interface PageReader<B> {
        Uni<Page<B>> read(Cursor after, int limit);
    }

    @FunctionalInterface
    private interface Paging<P> {
        /**
         * Where the next page is.
         *
         * @param end whether the page was not full, so that none follows
         */
        P of(Cursor next, boolean end);
    }

    /**
     * Rows of one kind.
     *
     * @param name what they are called in the answer
     * @param first reads the first of them, {@code further} those that follow in the same answer
     * @param whole an answer in one piece
     */
    private record Rows<B extends JsonBody, P extends JsonBody>(
            String name,
            PageReader<B> first,
            PageReader<B> further,
            Paging<P> paging,
            BiFunction<List<B>, P, JsonBody> whole) {}

    /** One list under way. */
    private static final class Walk<B extends JsonBody, P extends JsonBody> {
        private final Rows<B, P> rows;
        private int left;
        private Cursor after;

        Walk(Rows<B, P> rows, Cursor after, int limit) {
            this.rows = rows;
            this.left = limit;
            this.after = after;
        }

        Uni<RowSlices.Slice> next() {
            int asked = Math.min(left, SLICE);
            return rows.further().read(after, asked).map(page -> slice(page, asked));
        }

        /** The rows of {@code page}, and what follows them when they are the last. */
        RowSlices.Slice slice(Page<B> page, int asked) {
            after = page.next();
            left -= page.rows().size();
            boolean end = page.rows().size() < asked;
            return new RowSlices.Slice(Json.write(page.rows()), left == 0 || end ? end(end) : null);
        }

        private byte[] end(boolean end) {
            String paging = new String(Json.write(rows.paging().of(after, end)), UTF_8);
            return ("],\"paging\":" + paging + "}").getBytes(UTF_8);
        }
    }
}
