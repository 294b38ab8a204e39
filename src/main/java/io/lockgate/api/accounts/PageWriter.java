package io.lockgate.api.accounts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockgate.http.Json;
import io.lockgate.http.RowSlices;
import io.lockgate.identity.IdentityUnavailableException;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;

/**
 * Lists by id, {@code {"data","code",<member>:[rows],"next"}}: a short one in one piece, a long one in slices, each
 * read from the store when the client has taken the one before.
 *
 * @param member the name of the rows
 * @param rows what is listed
 */
record PageWriter<T>(String member, Rows<T> rows, ToLongFunction<T> id, BiConsumer<T, ObjectNode> describe) {
    /** Rows of a slice. */
    static final int SLICE = 100;

    /** The rows of a list, ordered by id. */
    @FunctionalInterface
    interface Rows<T> {
        /** Up to {@code limit} rows behind that id. */
        Uni<List<T>> behind(Optional<Long> id, int limit);
    }

    /** A page of {@code limit} rows behind {@code after}. */
    Uni<Response> answer(Optional<Long> after, int limit) {
        int asked = Math.min(limit, SLICE);
        return rows.behind(after, asked + 1)
                .map(found -> found.size() <= asked || asked == limit ? whole(found, asked) : sliced(found, limit));
    }

    private Response whole(List<T> found, int asked) {
        ObjectNode body = AccountReplies.success(200);
        ArrayNode shown = body.putArray(member);
        found.stream().limit(asked).forEach(row -> describe.accept(row, shown.addObject()));
        putNext(body, found, asked);
        return Json.response(200, body);
    }

    private Response sliced(List<T> found, int limit) {
        Walk walk = new Walk(limit);
        ObjectNode head = AccountReplies.success(200);
        head.putArray(member);
        // Without the brackets that end the array and the object.
        String begin = new String(Json.write(head), UTF_8);
        return Response.fromResponse(Json.response(200, head))
                .entity(RowSlices.of(
                        member,
                        IdentityUnavailableException.class,
                        begin.substring(0, begin.length() - 2),
                        walk.slice(found, SLICE),
                        walk::next))
                .build();
    }

    private void putNext(ObjectNode body, List<T> found, int asked) {
        if (found.size() > asked) {
            body.put("next", Long.toString(id.applyAsLong(found.get(asked - 1))));
        } else {
            body.putNull("next");
        }
    }

    /** One list under way. */
    private final class Walk {
        private int left;
        private Optional<Long> after = Optional.empty();

        Walk(int limit) {
            this.left = limit;
        }

        Uni<RowSlices.Slice> next() {
            int asked = Math.min(left, SLICE);
            return rows.behind(after, asked + 1).map(found -> slice(found, asked));
        }

        /**
         * The rows found, of which the one more than asked for only tells that there are others; and what follows the
         * last.
         */
        RowSlices.Slice slice(List<T> found, int asked) {
            List<T> shown = found.subList(0, Math.min(asked, found.size()));
            ArrayNode array = JsonFields.object().putArray(member);
            shown.forEach(row -> describe.accept(row, array.addObject()));
            left -= shown.size();
            if (!shown.isEmpty()) {
                after = Optional.of(id.applyAsLong(shown.getLast()));
            }
            boolean last = left == 0 || found.size() <= asked;
            return new RowSlices.Slice(Json.write(array), last ? end(found, asked) : null);
        }

        private byte[] end(List<T> found, int asked) {
            ObjectNode tail = JsonFields.object();
            putNext(tail, found, asked);
            return ("]," + new String(Json.write(tail), UTF_8).substring(1)).getBytes(UTF_8);
        }
    }
}
