package io.lockgate.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.smallrye.mutiny.Uni;
import java.io.ByteArrayOutputStream;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The slices of a long JSON array: each holds some of its rows, the last also what follows the rows. */
public final class RowSlices {
    private static final Logger LOG = Logger.getLogger(RowSlices.class);

    private boolean ended;

    private RowSlices() {}

    /**
     * Some rows of the array.
     *
     * @param rows a JSON array
     * @param end what follows the last row, from the bracket on; {@code null} while other slices follow
     */
    public record Slice(byte[] rows, byte @Nullable [] end) {}

    /**
     * A body.
     *
     * @param what is listed, for the log
     * @param outage a failure of {@code next} that is logged elsewhere; any other is logged as an error
     * @param begin what precedes the first row
     * @param next reads the slice after the one it read last; not called after the last
     */
    public static SlicedBody of(
            String what, Class<? extends Throwable> outage, String begin, Slice first, Supplier<Uni<Slice>> next) {
        RowSlices slices = new RowSlices();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(begin.getBytes(UTF_8));
        slices.write(first, out);
        return SlicedBody.of(
                out.toByteArray(),
                () -> slices.ended
                        ? SlicedBody.end()
                        : next.get()
                                .map(slices::following)
                                .onFailure(failure -> !outage.isInstance(failure))
                                .invoke(failure -> LOG.errorf(failure, "a list of %s ended in the middle", what)));
    }

    private byte[] following(Slice slice) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (slice.rows().length > 2) {
            out.write(',');
        }
        write(slice, out);
        return out.toByteArray();
    }

    private void write(Slice slice, ByteArrayOutputStream out) {
        // Without its brackets.
        out.write(slice.rows(), 1, slice.rows().length - 2);
        byte[] end = slice.end();
        if (end != null) {
            ended = true;
            out.writeBytes(end);
        }
    }
}
