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
 * Remembers which tokens were good, so that a token in use costs no call of the store.
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

    private final TokenStore store;
    private final Observer observer;
    private final long fresh;
    private final long lastKnown;
    private final Ticker clock;
    private final Cache<TokenHash, Known> known;

    /** {@link #UP}, or when the store may be asked again. */
    private final AtomicLong downUntil = new AtomicLong(UP);

    /**
     * @param entries tokens remembered, those used least go first; each takes about 1 KB
     */
    public Verifications(TokenStore store, Observer observer, Duration fresh, Duration lastKnown, int entries) {
        this(store, observer, fresh, lastKnown, entries, Ticker.systemTicker());
    }

    Verifications(TokenStore store, Observer observer, Duration fresh, Duration lastKnown, int entries, Ticker clock) {
        this.store = store;
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

    /** Whose token that is; empty for none that is good. Fails with {@link IdentityUnavailableException}. */
    Uni<Optional<Identity>> of(TokenHash hash) {
        long now = clock.read();
        @Nullable Known entry = known.getIfPresent(hash);
        if (entry != null && now - entry.asked() < fresh && now - entry.asked() < entry.left()) {
            observer.fromCache();
            if (now - entry.asked() > fresh / 2
                    && mayAsk(now)
                    && entry.refreshing().compareAndSet(false, true)) {
                ask(hash)
                        .subscribe()
                        .with(answer -> {}, failure -> entry.refreshing().set(false));
            }
            return Uni.createFrom().item(Optional.of(entry.identity()));
        }
        if (!mayAsk(now)) {
            return fallBack(entry, now, new IdentityUnavailableException("Postgres did not answer a moment ago"));
        }
        return ask(hash)
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

    private Uni<Optional<Identity>> ask(TokenHash hash) {
        long asked = clock.read();
        observer.fromStore();
        return store.use(hash)
                .invoke(found -> {
                    downUntil.set(UP);
                    remember(hash, found, asked);
                })
                .onFailure(IdentityUnavailableException.class)
                .invoke(failure -> downUntil.set(clock.read() + PAUSE_NANOS))
                .map(found -> found.map(TokenStore.Found::identity));
    }

    private void remember(TokenHash hash, Optional<TokenStore.Found> found, long asked) {
        if (found.isEmpty()) {
            known.invalidate(hash);
        } else {
            TokenStore.Found token = found.get();
            long left = token.left().compareTo(Duration.ofDays(365)) > 0
                    ? Long.MAX_VALUE
                    : token.left().toNanos();
            known.put(hash, new Known(token.identity(), asked, left, new AtomicBoolean()));
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
