package io.lockgate.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which credentials were good and which were none, so that one in use costs no call of the store: tokens of
 * ours by their hash, the subjects of signed tokens by their name.
 *
 * <ul>
 *   <li>For {@code fresh} an answer counts as it is: a revoked token works on for as long, and no longer. In the second
 *       half of that time a use has it asked again in the background, so that a token in steady use never waits.
 *   <li>What is no token counts as none for {@code fresh}, unless it is made at this gateway. These are bounded, and
 *       push out no good one.
 *   <li>One look-up at a time for a credential, for all who show it.
 *   <li>Those of unknown credentials have turns that are fair between networks ({@link UnknownCredentialLimits});
 *       beyond the bound they are refused ({@link TooManyUnknownException}). Those of known ones do not queue behind
 *       them.
 *   <li>While the store cannot be reached, what it said within {@code lastKnown} is handed out as {@link
 *       Identity#confirmed() unconfirmed}. The store is then asked once a second, and nobody but that one waits for it.
 *       A store that is there and has no time ({@link IdentityUnavailableException#isBusy}) is no reason for that: load
 *       must not keep a revoked token alive.
 * </ul>
 *
 * A token's own end is kept to, by this machine's count of the time that the store said was left.
 */
public final class CredentialCache {
    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    /** Longer than any call of the store: nobody else asks while one does. */
    private static final long PROBE_NANOS = Duration.ofSeconds(2).toNanos();

    private static final long UP = Long.MIN_VALUE;

    /** Credentials remembered as none; each takes about 200 bytes. */
    private static final int MAX_ABSENT = 10_000;

    /** Where answers came from. */
    public interface Observer {
        void fromCache();

        void fromStore();

        void fromLastKnown();

        /** Remembered to be none. */
        void fromAbsent();

        /** An unknown credential was not looked up: too many at once. */
        void refused();
    }

    private record Known(Caller identity, long asked, long left, AtomicBoolean refreshing) {}

    private final TokenStore tokens;
    private final UserStore users;
    private final Observer observer;
    private final long fresh;
    private final long lastKnown;
    private final Ticker clock;
    private final Cache<CredentialKey, Known> known;

    /** Credentials that do not exist, and when that was looked up. */
    private final Cache<CredentialKey, Long> absent;

    private final FairExecutor unknown;

    /** Look-ups under way. Bounded by the turns of unknown ones and the store's queue of the others. */
    private final Map<CredentialKey, Uni<Optional<Caller>>> underWay = new ConcurrentHashMap<>();

    /** How often something was made, or forgotten: an answer that was asked for before is not remembered. */
    private final AtomicLong made = new AtomicLong();

    private final AtomicLong forgotten = new AtomicLong();

    /** {@link #UP}, or when the store may be asked again. */
    private final AtomicLong downUntil = new AtomicLong(UP);

    /**
     * @param entries tokens remembered, those used least go first; each takes about 1 KB
     */
    public CredentialCache(
            TokenStore tokens,
            UserStore users,
            Observer observer,
            Duration fresh,
            Duration lastKnown,
            int entries,
            UnknownCredentialLimits limits) {
        this(tokens, users, observer, fresh, lastKnown, entries, limits, Ticker.systemTicker());
    }

    CredentialCache(
            TokenStore tokens,
            UserStore users,
            Observer observer,
            Duration fresh,
            Duration lastKnown,
            int entries,
            UnknownCredentialLimits limits,
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
        this.absent = Caffeine.newBuilder()
                .maximumSize(MAX_ABSENT)
                .expireAfterWrite(fresh)
                .ticker(clock)
                .executor(Runnable::run)
                .build();
        this.unknown = new FairExecutor(
                limits.atOnce(), limits.perNetwork(), limits.total(), UnknownCredentialLimits.PATIENCE, clock);
    }

    /**
     * Whose credential that is; empty for none that is good. Fails with {@link IdentityUnavailableException} or {@link
     * TooManyUnknownException}.
     *
     * @param network where it was shown; asked for only when it is unknown
     */
    Uni<Optional<Caller>> of(CredentialKey shown, Supplier<String> network) {
        long now = clock.read();
        @Nullable Known entry = known.getIfPresent(shown);
        if (entry != null && now - entry.asked() < fresh && now - entry.asked() < entry.left()) {
            observer.fromCache();
            if (now - entry.asked() > fresh / 2
                    && mayAsk(now)
                    && entry.refreshing().compareAndSet(false, true)) {
                ask(shown, true, network)
                        .subscribe()
                        .with(answer -> {}, failure -> entry.refreshing().set(false));
            }
            return Uni.createFrom().item(Optional.of(entry.identity()));
        }
        if (entry == null) {
            @Nullable Long asked = absent.getIfPresent(shown);
            if (asked != null && now - asked < fresh) {
                observer.fromAbsent();
                return Uni.createFrom().item(Optional.empty());
            }
        }
        if (!mayAsk(now)) {
            return fallBack(entry, now, new IdentityUnavailableException("Postgres did not answer a moment ago"));
        }
        return ask(shown, entry != null, network)
                .onFailure(CredentialCache::isDown)
                .recoverWithUni(failure -> fallBack(entry, now, failure));
    }

    /** Tokens that {@code concerned} is true of are asked again at their next use, here and at once. */
    void forget(Predicate<Caller> concerned) {
        forgotten.incrementAndGet();
        known.asMap().values().removeIf(entry -> concerned.test(entry.identity()));
    }

    void forget(TokenHash hash) {
        forgotten.incrementAndGet();
        known.invalidate(hash);
    }

    /** A credential was created: it is no longer remembered as absent. */
    void made(CredentialKey key) {
        made.incrementAndGet();
        absent.invalidate(key);
        // A call from now on does not get the answer of an earlier look-up.
        underWay.remove(key);
    }

    /** On the context of whoever asks; it goes on when they go away. */
    private Uni<Optional<Caller>> ask(CredentialKey shown, boolean isKnown, Supplier<String> network) {
        @Nullable Uni<Optional<Caller>> there = underWay.get(shown);
        Uni<Optional<Caller>> answer = there == null ? begin(shown, isKnown, network) : there;
        @Nullable Context caller = Vertx.currentContext();
        return caller == null ? answer : answer.emitOn(work -> caller.runOnContext(then -> work.run()));
    }

    private Uni<Optional<Caller>> begin(CredentialKey shown, boolean isKnown, Supplier<String> network) {
        Supplier<Uni<Optional<Caller>>> work = () -> lookUp(shown);
        Uni<Optional<Caller>> lookUp = isKnown
                ? Uni.createFrom().deferred(work::get)
                : unknown.run(new FairExecutor.Asker(network.get(), "", false), work)
                        .onFailure(FairExecutor.TooManyException.class)
                        .transform(this::refused)
                        .ifNoItem()
                        .after(UnknownCredentialLimits.ANSWER)
                        .failWith(() -> IdentityUnavailableException.busy("no answer in time"));
        AtomicReference<@Nullable Uni<Optional<Caller>>> own = new AtomicReference<>();
        @SuppressWarnings("ReferenceEquality") // This very look-up, not another of the same text.
        Uni<Optional<Caller>> answer = lookUp.onTermination()
                .invoke(() -> underWay.computeIfPresent(shown, (same, there) -> there == own.get() ? null : there))
                .memoize()
                .indefinitely();
        own.set(answer);
        @Nullable Uni<Optional<Caller>> there = underWay.putIfAbsent(shown, answer);
        if (there != null) {
            return there;
        }
        answer.subscribe().with(done -> {}, failure -> {});
        return answer;
    }

    private Throwable refused(Throwable tooMany) {
        observer.refused();
        return new TooManyUnknownException();
    }

    private Uni<Optional<Caller>> lookUp(CredentialKey shown) {
        long asked = clock.read();
        long madeBefore = made.get();
        long forgottenBefore = forgotten.get();
        observer.fromStore();
        return inStore(shown)
                .invoke(found -> {
                    downUntil.set(UP);
                    if (found.isPresent()) {
                        remember(shown, found.get(), asked, forgottenBefore);
                    } else {
                        rememberAbsent(shown, asked, madeBefore);
                    }
                })
                .onFailure(CredentialCache::isDown)
                .invoke(failure -> downUntil.set(clock.read() + PAUSE_NANOS))
                .map(found -> found.map(TokenStore.Found::identity));
    }

    private Uni<Optional<TokenStore.Found>> inStore(CredentialKey shown) {
        return switch (shown) {
            case TokenHash hash -> tokens.use(hash);
            case JwtSubject(String name) ->
                users.findSubject(name).map(found -> found.map(CredentialCache::withoutEnd));
        };
    }

    /** The end of a signed token is looked at before; nothing here ends but the user. */
    private static TokenStore.Found withoutEnd(User user) {
        return new TokenStore.Found(
                new Caller(
                        user.username(), user.id(), TokenKind.BEARER, Caller.NO_TOKEN, true, true, user.permissions()),
                Duration.ofSeconds(Long.MAX_VALUE));
    }

    private void remember(CredentialKey shown, TokenStore.Found token, long asked, long forgottenBefore) {
        long left = token.left().compareTo(Duration.ofDays(365)) > 0
                ? Long.MAX_VALUE
                : token.left().toNanos();
        known.put(shown, new Known(token.identity(), asked, left, new AtomicBoolean()));
        absent.invalidate(shown);
        // After the put: whichever of the two comes last sees the other.
        if (forgotten.get() != forgottenBefore) {
            known.invalidate(shown);
        }
    }

    private void rememberAbsent(CredentialKey shown, long asked, long madeBefore) {
        known.invalidate(shown);
        absent.put(shown, asked);
        if (made.get() != madeBefore) {
            absent.invalidate(shown);
        }
    }

    private static boolean isDown(Throwable failure) {
        return failure instanceof IdentityUnavailableException unavailable && !unavailable.isBusy();
    }

    /** While the store is down: only one in a while. */
    private boolean mayAsk(long now) {
        long until = downUntil.get();
        return until == UP || (now >= until && downUntil.compareAndSet(until, now + PROBE_NANOS));
    }

    private Uni<Optional<Caller>> fallBack(@Nullable Known entry, long asked, Throwable failure) {
        if (entry == null || asked - entry.asked() >= lastKnown) {
            return Uni.createFrom().failure(failure);
        }
        observer.fromLastKnown();
        return asked - entry.asked() < entry.left()
                ? Uni.createFrom().item(Optional.of(entry.identity().unconfirmed()))
                : Uni.createFrom().item(Optional.empty());
    }
}
