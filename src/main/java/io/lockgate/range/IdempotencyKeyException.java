package io.lockgate.range;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A call with an {@link IdempotencyKey} that is neither done nor answered as before. Nothing was changed. */
public final class IdempotencyKeyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** The key belongs to another request. */
        REUSED,
        /** The call was granted a lock before, which does not stand any more, or not all of it. */
        LOST,
        /** The principal has used as many keys as one may. */
        TOO_MANY
    }

    private final Reason reason;
    private final int limit;
    private final @Nullable Duration retryAfter;

    private IdempotencyKeyException(Reason reason, int limit, @Nullable Duration retryAfter) {
        super("idempotency key: " + reason, null, false, false);
        this.reason = reason;
        this.limit = limit;
        this.retryAfter = retryAfter;
    }

    public static IdempotencyKeyException reused() {
        return new IdempotencyKeyException(Reason.REUSED, 0, null);
    }

    public static IdempotencyKeyException lost() {
        return new IdempotencyKeyException(Reason.LOST, 0, null);
    }

    /**
     * One key more than the principal may use.
     *
     * @param limit {@code lockgate.limits.idempotency-keys-per-principal}
     * @param retryAfter when the principal may use more
     */
    public static IdempotencyKeyException tooMany(int limit, Duration retryAfter) {
        return new IdempotencyKeyException(Reason.TOO_MANY, limit, retryAfter);
    }

    public Reason reason() {
        return reason;
    }

    /** {@code lockgate.limits.idempotency-keys-per-principal}; 0 but for {@link Reason#TOO_MANY}. */
    public int limit() {
        return limit;
    }

    /** When the principal may use more keys; only for {@link Reason#TOO_MANY}. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
