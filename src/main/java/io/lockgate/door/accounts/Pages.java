package io.lockgate.door.accounts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockgate.door.Json;
import io.lockgate.http.SlicedBody;
import io.lockgate.identity.IdentityUnavailableException;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;
import org.jboss.logging.Logger;

/**
 * Lists by id, {@code {"data","code",<member>:[rows],"next"}}: a short one in one piece, a long one in slices, each
 * read from the store when the client has taken the one before.
 *
 * @param member the name of the rows
 * @param rows what is listed
 */
record Pages<T>(String member, Rows<T> rows, ToLongFunction<T> id, BiConsumer<T, ObjectNode> describe) {
    private static final Logger LOG = Logger.getLogger(Pages.class);

    /** Rows of a slice. */
    static final int SLICE = 100;

    /** What is listed, in an order by id. */
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
        ObjectNode body = Shape.ADMIN.body(200, "Success");
        ArrayNode shown = body.putArray(member);
        found.stream().limit(asked).forEach(row -> describe.accept(row, shown.addObject()));
        putNext(body, found, asked);
        return Shape.answer(200, body);
    }

    private Response sliced(List<T> found, int limit) {
        Walk walk = new Walk(limit);
        ObjectNode head = Shape.ADMIN.body(200, "Success");
        head.putArray(member);
        // Without the brackets that end the array and the object.
        String begin = new String(Json.write(head), UTF_8);
        byte[] first = walk.write(begin.substring(0, begin.length() - 2), found, SLICE);
        return Response.fromResponse(Shape.answer(200, head))
                .entity(SlicedBody.of(first, walk::next))
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
        private boolean ended;

        Walk(int limit) {
            this.left = limit;
        }

        Uni<byte[]> next() {
            if (ended) {
                return SlicedBody.end();
            }
            int asked = Math.min(left, SLICE);
            return rows.behind(after, asked + 1)
                    .map(found -> write(",", found, asked))
                    .onFailure(failure -> !(failure instanceof IdentityUnavailableException))
                    .invoke(failure -> LOG.error("a list of " + member + " ended in the middle", failure));
        }

        /**
         * The rows found, of which the one more than asked for only tells that there are others; and the end of the
         * last.
         */
        byte[] write(String before, List<T> found, int asked) {
            List<T> shown = found.subList(0, Math.min(asked, found.size()));
            StringBuilder text = new StringBuilder(shown.isEmpty() ? "" : before);
            ArrayNode array = Fields.object().putArray(member);
            shown.forEach(row -> describe.accept(row, array.addObject()));
            String rowsText = new String(Json.write(array), UTF_8);
            // Without its brackets.
            text.append(rowsText, 1, rowsText.length() - 1);
            left -= shown.size();
            if (!shown.isEmpty()) {
                after = Optional.of(id.applyAsLong(shown.getLast()));
            }
            if (left == 0 || found.size() <= asked) {
                ended = true;
                ObjectNode tail = Fields.object();
                putNext(tail, found, asked);
                text.append("],").append(new String(Json.write(tail), UTF_8).substring(1));
            }
            return text.toString().getBytes(UTF_8);
        }
    }
}
