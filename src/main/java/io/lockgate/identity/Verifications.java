package io.lockgate.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which credentials were good, so that one in use costs no call of the store: tokens of ours by their hash, the
 * subjects of signed tokens by their name.
 *
 * <ul>
 *   <li>For {@code fresh} an answer counts as it is: a revoked token works on for as long, and no longer. In the second half of
 *       that time a use has it asked anew in the background, so that a token in steady use never waits.
 *   <li>While the store does not answer, what it said within {@code lastKnown} is handed out as {@link
 *       Identity#confirmed() unconfirmed}. The store is then asked once a second, and nobody but that one waits for it.
 *   <li>What is no token is not remembered: it may be one a moment later, made by another gateway.
 * </ul>
 *
 * A token's own end is kept to, by this machine's count of the time that the store said was left.
 */
public final class Verifications {
    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    /** Longer than any call of the store: nobody else asks while one does. */
    private static final long PROBE_NANOS = Duration.ofSeconds(2).toNanos();

    private static final long UP = Long.MIN_VALUE;

    /** Where answers came from. */
    public interface Observer {
        void fromCache();

        void fromStore();

        void fromLastKnown();
    }

    private record Known(Identity identity, long asked, long left, AtomicBoolean refreshing) {}

    private final TokenStore tokens;
    private final UserStore users;
    private final Observer observer;
    private final long fresh;
    private final long lastKnown;
    private final Ticker clock;
    private final Cache<Evidence, Known> known;

    /** {@link #UP}, or when the store may be asked again. */
    private final AtomicLong downUntil = new AtomicLong(UP);

    /**
     * @param entries tokens remembered, those used least go first; each takes about 1 KB
     */
    public Verifications(
            TokenStore tokens, UserStore users, Observer observer, Duration fresh, Duration lastKnown, int entries) {
        this(tokens, users, observer, fresh, lastKnown, entries, Ticker.systemTicker());
    }

    Verifications(
            TokenStore tokens,
            UserStore users,
            Observer observer,
            Duration fresh,
            Duration lastKnown,
            int entries,
            Ticker clock) {
        this.tokens = tokens;
        this.users = users;
        this.observer = observer;
        this.fresh = fresh.toNanos();
        this.lastKnown = Math.max(lastKnown.toNanos(), fresh.toNanos());
        this.clock = clock;
        this.known = Caffeine.newBuilder()
                .maximumSize(entries)
                .expireAfterWrite(Duration.ofNanos(this.lastKnown))
                .ticker(clock)
                .executor(Runnable::run)
                .build();
    }

    /** Whose credential that is; empty for none that is good. Fails with {@link IdentityUnavailableException}. */
    Uni<Optional<Identity>> of(Evidence shown) {
        long now = clock.read();
        @Nullable Known entry = known.getIfPresent(shown);
        if (entry != null && now - entry.asked() < fresh && now - entry.asked() < entry.left()) {
            observer.fromCache();
            if (now - entry.asked() > fresh / 2
                    && mayAsk(now)
                    && entry.refreshing().compareAndSet(false, true)) {
                ask(shown)
                        .subscribe()
                        .with(answer -> {}, failure -> entry.refreshing().set(false));
            }
            return Uni.createFrom().item(Optional.of(entry.identity()));
        }
        if (!mayAsk(now)) {
            return fallBack(entry, now, new IdentityUnavailableException("Postgres did not answer a moment ago"));
        }
        return ask(shown)
                .onFailure(IdentityUnavailableException.class)
                .recoverWithUni(failure -> fallBack(entry, now, failure));
    }

    /** Tokens that {@code concerned} is true of are asked anew at their next use, here and at once. */
    void forget(Predicate<Identity> concerned) {
        known.asMap().values().removeIf(entry -> concerned.test(entry.identity()));
    }

    void forget(TokenHash hash) {
        known.invalidate(hash);
    }

    private Uni<Optional<Identity>> ask(Evidence shown) {
        long asked = clock.read();
        observer.fromStore();
        return lookUp(shown)
                .invoke(found -> {
                    downUntil.set(UP);
                    remember(shown, found, asked);
                })
                .onFailure(IdentityUnavailableException.class)
                .invoke(failure -> downUntil.set(clock.read() + PAUSE_NANOS))
                .map(found -> found.map(TokenStore.Found::identity));
    }

    private Uni<Optional<TokenStore.Found>> lookUp(Evidence shown) {
        return switch (shown) {
            case TokenHash hash -> tokens.use(hash);
            case Subject(String name) ->
                users.findByName(name).map(found -> found.map(there -> withoutEnd(there.user())));
        };
    }

    /** The end of a signed token is looked at before; nothing here ends but the user. */
    private static TokenStore.Found withoutEnd(User user) {
        return new TokenStore.Found(
                new Identity(
                        user.username(),
                        user.id(),
                        TokenKind.BEARER,
                        Identity.NO_TOKEN,
                        true,
                        true,
                        user.permissions()),
                Duration.ofSeconds(Long.MAX_VALUE));
    }

    private void remember(Evidence shown, Optional<TokenStore.Found> found, long asked) {
        if (found.isEmpty()) {
            known.invalidate(shown);
        } else {
            TokenStore.Found token = found.get();
            long left = token.left().compareTo(Duration.ofDays(365)) > 0
                    ? Long.MAX_VALUE
                    : token.left().toNanos();
            known.put(shown, new Known(token.identity(), asked, left, new AtomicBoolean()));
        }
    }

    /** While the store is down: only one in a while. */
    private boolean mayAsk(long now) {
        long until = downUntil.get();
        return until == UP || (now >= until && downUntil.compareAndSet(until, now + PROBE_NANOS));
    }

    private Uni<Optional<Identity>> fallBack(@Nullable Known entry, long asked, Throwable failure) {
        if (entry == null || asked - entry.asked() >= lastKnown) {
            return Uni.createFrom().failure(Objects.requireNonNull(failure));
        }
        observer.fromLastKnown();
        return asked - entry.asked() < entry.left()
                ? Uni.createFrom().item(Optional.of(entry.identity().unconfirmed()))
                : Uni.createFrom().item(Optional.empty());
    }
}
