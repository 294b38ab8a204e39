package io.lockgate.api.files.locks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.JsonBody;
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
import io.lockgate.range.RangeLocks;
import io.lockgate.range.queue.QueuedLocks;
import io.lockgate.range.queue.WaiterPage;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Answers lists of grants, and of requests that wait: a short one in one piece with its length, a long one in slices,
 * each read from the table when the client has taken the one before.
 */
@Singleton
public final class GrantLists {
    /** Rows of a slice; about 350 KB. */
    public static final int SLICE = 500;

    private final RangeLocks locks;
    private final QueuedLocks queue;
    private final GrantView grants;

    GrantLists(RangeLocks locks, QueuedLocks queue, GrantView grants) {
        this.locks = locks;
        this.queue = queue;
        this.grants = grants;
    }

    /**
     * Grants.
     *
     * @param path of the request, with its own prefix
     */
    Uni<Response> answer(LockRights rights, GrantFilter filter, ListRequest request, String path) {
        return answer(
                new Rows<GrantBody>(
                        "grants",
                        (after, limit) ->
                                locks.list(rights, filter, after, limit).map(page -> shown(rights, page)),
                        (after, limit) ->
                                locks.listFurther(rights, filter, after, limit).map(page -> shown(rights, page)),
                        GrantsPage::new),
                request,
                path);
    }

    /**
     * Requests that wait.
     *
     * @param path of the request, with its own prefix
     */
    Uni<Response> waiters(LockRights rights, GrantFilter filter, ListRequest request, String path) {
        return answer(
                new Rows<WaiterBody>(
                        "waiters",
                        (after, limit) ->
                                queue.list(rights, filter, after, limit).map(page -> shown(rights, page)),
                        (after, limit) ->
                                queue.listFurther(rights, filter, after, limit).map(page -> shown(rights, page)),
                        WaitersPage::new),
                request,
                path);
    }

    private Page<GrantBody> shown(LockRights rights, GrantPage page) {
        return new Page<>(grants.show(rights, page.grants()), page.next());
    }

    private Page<WaiterBody> shown(LockRights rights, WaiterPage page) {
        return new Page<>(grants.showWaiters(rights, page.waiters()), page.next());
    }

    private static <B extends JsonBody> Uni<Response> answer(Rows<B> rows, ListRequest request, String path) {
        int asked = Math.min(request.limit(), SLICE);
        return rows.first()
                .read(request.after(), asked)
                .map(page -> page.rows().size() < asked || asked == request.limit()
                        ? FilesReplies.ok(rows.whole().apply(page.rows(), request.next(path, page.next())))
                        : sliced(new Walk<>(rows, request, path), page));
    }

    private static <B extends JsonBody> Response sliced(Walk<B> walk, Page<B> first) {
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

    /**
     * Rows of one kind.
     *
     * @param name what they are called in the answer
     * @param first reads the first of them, {@code further} those that follow in the same answer
     * @param whole an answer in one piece
     */
    private record Rows<B extends JsonBody>(
            String name, PageReader<B> first, PageReader<B> further, BiFunction<List<B>, PagingBody, JsonBody> whole) {}

    /** One list under way. */
    private static final class Walk<B extends JsonBody> {
        private final Rows<B> rows;
        private final ListRequest request;
        private final String path;
        private int left;
        private Cursor after;

        Walk(Rows<B> rows, ListRequest request, String path) {
            this.rows = rows;
            this.request = request;
            this.path = path;
            this.left = request.limit();
            this.after = request.after();
        }

        Uni<RowSlices.Slice> next() {
            int asked = Math.min(left, SLICE);
            return rows.further().read(after, asked).map(page -> slice(page, asked));
        }

        /** The rows of {@code page}, and what follows them when they are the last. */
        RowSlices.Slice slice(Page<B> page, int asked) {
            after = page.next();
            left -= page.rows().size();
            boolean last = left == 0 || page.rows().size() < asked;
            return new RowSlices.Slice(Json.write(page.rows()), last ? end() : null);
        }

        private byte[] end() {
            String paging = new String(Json.write(request.next(path, after)), UTF_8);
            return ("],\"paging\":" + paging + "}").getBytes(UTF_8);
        }
    }
}
