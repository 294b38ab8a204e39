package io.lockgate.http;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The body of a long answer, made slice by slice: the next one when the client has taken the last ({@link
 * SlicedBodyWriter}), so that an answer nobody reads holds one slice in memory. When a slice cannot be made the
 * connection is closed without the last chunk; over HTTP/2 the stream is reset.
 */
public final class SlicedBody {
    /** How long a client may take to read one slice; then its connection (HTTP/2: its stream) is closed. */
    static final Duration READ_TIME = Duration.ofSeconds(60);

    /** Told by its identity, so that a slice may be empty. */
    private static final byte[] END = {};

    private final byte[] first;
    private final Multi<byte[]> rest;

    private SlicedBody(byte[] first, Multi<byte[]> rest) {
        this.first = first;
        this.rest = rest;
    }

    /**
     * A body.
     *
     * @param first slice, which is there already: whatever fails before it is an ordinary error
     * @param next makes the slice after the one it made last, then {@link #end}; called again only when the last one is
     * written
     */
    @SuppressWarnings("ReferenceEquality") // The end is told by its identity.
    public static SlicedBody of(byte[] first, Supplier<Uni<byte[]>> next) {
        return new SlicedBody(
                first,
                Multi.createBy().repeating().uni(() -> next, Supplier::get).until(slice -> slice == END));
    }

    /** After the last slice. */
    public static Uni<byte[]> end() {
        return Uni.createFrom().item(END);
    }

    byte[] first() {
        return first;
    }

    Multi<byte[]> rest() {
        return rest;
    }
}
