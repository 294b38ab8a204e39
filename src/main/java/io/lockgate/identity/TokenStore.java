package io.lockgate.identity;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The port for tokens. Every method fails with {@link IdentityUnavailableException} when the store does not answer.
 * Time is the store's own; what comes back says how long, never until when.
 */
public interface TokenStore {
    /**
     * A new token.
     *
     * @param shown its first characters
     * @param lifetime from now
     * @param sliding every use moves its end to {@code lifetime} from then
     */
    record NewToken(
            TokenHash hash,
            TokenKind kind,
            String shown,
            long userId,
            String username,
            Duration lifetime,
            boolean sliding) {}

    /**
     * A live token and whose it is.
     *
     * @param left time it has left
     */
    record Found(Caller identity, Duration left) {}

    /** Keeps a new token; answers its id. */
    Uni<Long> create(NewToken token);

    /**
     * A new token made from a refresh token.
     *
     * @param ended ids of older ones of the same refresh token, which ended to make room
     */
    record Derived(long id, List<Long> ended) {
        public Derived {
            ended = List.copyOf(ended);
        }
    }

    /**
     * Keeps a new token that was made from a refresh token. At most {@code most} of those are alive: the oldest end, in
     * the same atomic step. Empty, and nothing is kept, when there is no such refresh token any more.
     */
    Uni<Optional<Derived>> createUnder(long refreshId, NewToken token, int most);

    /**
     * The token with that hash, unless it is unknown, expired or revoked. Counts as a use, exact to a minute: it is
     * dated, and slides if it does.
     */
    Uni<Optional<Found>> use(TokenHash hash);

    /** Ends a token. False when it is unknown or revoked already. */
    Uni<Boolean> revoke(long id);

    /** Ends the token with that hash. False when it is unknown or revoked already. */
    Uni<Boolean> revoke(TokenHash hash);

    /** Forgets some tokens that ended long ago; answers how many. */
    Uni<Integer> sweep();
}
