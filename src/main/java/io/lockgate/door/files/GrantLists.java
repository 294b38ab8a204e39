package io.lockgate.door.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockgate.http.SlicedBody;
import io.lockgate.range.Caller;
import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantPage;
import io.lockgate.range.RangeLocks;
import io.lockgate.range.TableUnavailableException;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Answers lists of grants: a short one in one piece with its length, a long one in slices, each read from the table
 * when the client has taken the one before.
 */
@Singleton
final class GrantLists {
    private static final Logger LOG = Logger.getLogger(GrantLists.class);

    /** Rows of a slice; about 350 KB. */
    static final int SLICE = 500;

    private static final byte[] BEGIN = "{\"grants\":[".getBytes(UTF_8);
    private static final byte[] PAGING = "],\"paging\":".getBytes(UTF_8);

    private final RangeLocks locks;
    private final GrantBodies grants;

    GrantLists(RangeLocks locks, GrantBodies grants) {
        this.locks = locks;
        this.grants = grants;
    }

    /** @param path of the request, with its own prefix */
    Uni<Response> answer(Caller caller, GrantFilter filter, ListForm form, String path) {
        int rows = Math.min(form.limit(), SLICE);
        return locks.list(caller, filter, form.after(), rows)
                .map(page -> page.grants().size() < rows || rows == form.limit()
                        ? FilesAnswers.ok(
                                new GrantsPage(grants.show(caller, page.grants()), form.next(path, page.next())))
                        : sliced(new Walk(caller, filter, form, path), page));
    }

    private static Response sliced(Walk walk, GrantPage first) {
        return Response.ok(SlicedBody.of(walk.begin(first), walk::next)).build();
    }

    /** One list under way. */
    private final class Walk {
        private final Caller caller;
        private final GrantFilter filter;
        private final ListForm form;
        private final String path;
        private int left;
        private Cursor after;
        private boolean ended;

        Walk(Caller caller, GrantFilter filter, ListForm form, String path) {
            this.caller = caller;
            this.filter = filter;
            this.form = form;
            this.path = path;
            this.left = form.limit();
            this.after = form.after();
        }

        byte[] begin(GrantPage first) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(BEGIN);
            write(first, SLICE, false, out);
            return out.toByteArray();
        }

        Uni<byte[]> next() {
            if (ended) {
                return SlicedBody.end();
            }
            int rows = Math.min(left, SLICE);
            return locks.list(caller, filter, after, rows)
                    .map(page -> {
                        ByteArrayOutputStream out = new ByteArrayOutputStream();
                        write(page, rows, true, out);
                        return out.toByteArray();
                    })
                    .onFailure(failure -> !(failure instanceof TableUnavailableException))
                    .invoke(failure -> LOG.error("a list of grants ended in the middle", failure));
        }

        /** The rows of {@code page}, and what follows them when they are the last. */
        private void write(GrantPage page, int asked, boolean comma, ByteArrayOutputStream out) {
            List<Grant> rows = page.grants();
            if (!rows.isEmpty()) {
                byte[] array = WireJson.write(grants.show(caller, rows));
                if (comma) {
                    out.write(',');
                }
                // Without its brackets.
                out.write(array, 1, array.length - 2);
            }
            after = page.next();
            left -= rows.size();
            if (left == 0 || rows.size() < asked) {
                ended = true;
                out.writeBytes(PAGING);
                out.writeBytes(WireJson.write(form.next(path, after)));
                out.write('}');
            }
        }
    }
}
