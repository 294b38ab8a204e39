package io.lockgate.range;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A lock as it stands in the table at one moment.
 *
 * @param range of an open {@link ByteRange#ALL}
 * @param ownerAddress address recorded at the first acquire; a merge keeps the oldest
 * @param nodeAddress address of the gateway node that took the request
 * @param token the newest token of this grant
 * @param leased whether it ends by itself when it, or its session, is not renewed
 * @param expiresIn time left by the store's clock when read, {@code null} when it does not expire
 * @param session whose heartbeats keep it, empty for none
 * @param stage held, or not yet
 */
public record Grant(
        GrantId id,
        LockSpace space,
        Protocol protocol,
        LockModes modes,
        ByteRange range,
        Owner owner,
        String ownerAddress,
        String nodeAddress,
        FencingToken token,
        boolean leased,
        @Nullable Duration expiresIn,
        Optional<SessionId> session,
        Stage stage) {
    /** How far a lock has come. */
    public sealed interface Stage {}

    /**
     * It stands.
     *
     * @param breaksIn time left when read, if it is announced that it will be broken
     */
    public record Held(Optional<Duration> breaksIn) implements Stage {}

    /**
     * It was granted from a queue and keeps others away, but its token is not good yet: it is given to the next unless
     * its owner confirms it in time ({@link RangeLockTable#confirm}).
     *
     * @param confirmWithin time left for that when read
     */
    public record Provisional(Duration confirmWithin) implements Stage {}

    /** Not granted: a request that waits, shown among those that another lock has to wait for. Its token is 0. */
    public record Waiting() implements Stage {}

    public static final Stage HELD = new Held(Optional.empty());
}
