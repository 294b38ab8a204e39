package io.lockgate.identity;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The issuer's public keys, as it last showed them.
 *
 * <ul>
 *   <li>They are fetched when first needed, and kept. Nobody waits for the issuer who brings a key that is known.
 *   <li>Once they are older than {@code refresh} a use has them fetched again in the background: so a key that the
 *       issuer has taken back ends. While that fails the old ones stay good, however long.
 *   <li>A key that is not among them has them fetched at once, but not within {@code pause} of the last time: keys that
 *       somebody invents cannot flood the issuer. Within it the key is unknown; when the last attempt failed, nobody
 *       can say, and that is {@link IdentityUnavailableException}. After a failure the next attempt may come a second
 *       later.
 *   <li>One fetch at a time, for all who wait.
 * </ul>
 */
public final class IssuerKeys {
    private static final Logger LOG = Logger.getLogger(IssuerKeys.class);
    private static final long AFTER_FAILURE = Duration.ofSeconds(1).toNanos();

    /** Where the keys come from. */
    public interface Source {
        /** A JSON Web Key Set (RFC 7517) in its text form. Fails with anything at all when it cannot be had. */
        Uni<String> fetch();
    }

    /** Outcomes of fetches. */
    public interface Observer {
        void keysFetched();

        void keysNotFetched();
    }

    /**
     * All keys at one time.
     *
     * @param generation another one when they are not the same keys
     */
    record Keys(List<JsonWebKey> all, int generation) {
        Keys {
            all = List.copyOf(all);
        }

        private boolean sameAs(List<JsonWebKey> others) {
            return described(all).equals(described(others));
        }

        private static Set<Map<String, Object>> described(List<JsonWebKey> keys) {
            Set<Map<String, Object>> all = new HashSet<>();
            keys.forEach(key -> all.add(key.toParams(JsonWebKey.OutputControlLevel.PUBLIC_ONLY)));
            return all;
        }
    }

    private final Source source;
    private final Observer observer;
    private final long pause;
    private final long refresh;
    private final Duration timeout;
    private final Ticker clock;

    private volatile Keys keys = new Keys(List.of(), 0);

    /** When the keys count as old. */
    private volatile long oldAt;

    /** Guarded by this, as all below. */
    private long notBefore;

    private boolean failed;
    private @Nullable Uni<Keys> running;

    /**
     * @param pause between two fetches for the sake of unknown keys
     * @param refresh age at which keys are fetched again
     * @param timeout of one fetch
     */
    public IssuerKeys(Source source, Observer observer, Duration pause, Duration refresh, Duration timeout) {
        this(source, observer, pause, refresh, timeout, Ticker.systemTicker());
    }

    IssuerKeys(Source source, Observer observer, Duration pause, Duration refresh, Duration timeout, Ticker clock) {
        this.source = source;
        this.observer = observer;
        this.pause = pause.toNanos();
        this.refresh = refresh.toNanos();
        this.timeout = timeout;
        this.clock = clock;
        this.notBefore = clock.read();
        this.oldAt = notBefore;
    }

    /** Those that are known, without a wait. */
    Keys known() {
        Keys now = keys;
        if (now.generation() > 0 && clock.read() - oldAt >= 0) {
            refreshOld();
        }
        return now;
    }

    /**
     * For a key that is not known: those that the issuer shows now, or the known ones when it was asked a moment ago.
     */
    Uni<Keys> renewed() {
        Uni<Keys> fetch;
        synchronized (this) {
            if (running == null && clock.read() - notBefore < 0) {
                return failed
                        ? Uni.createFrom().failure(new IdentityUnavailableException("the issuer did not answer"))
                        : Uni.createFrom().item(keys);
            }
            fetch = running == null ? begin() : running;
        }
        @Nullable Context caller = Vertx.currentContext();
        return caller == null ? fetch : fetch.emitOn(work -> caller.runOnContext(there -> work.run()));
    }

    private synchronized void refreshOld() {
        long now = clock.read();
        if (running == null && now - oldAt >= 0 && now - notBefore >= 0) {
            begin();
        }
    }

    private Uni<Keys> begin() {
        notBefore = clock.read() + pause;
        Uni<Keys> fetch = Uni.createFrom()
                .deferred(source::fetch)
                .ifNoItem()
                .after(timeout)
                .fail()
                .map(IssuerKeys::parse)
                .map(this::replace)
                .onFailure()
                .transform(this::notFetched)
                .memoize()
                .indefinitely();
        running = fetch;
        // A caller that waits may go away; the fetch goes on.
        fetch.subscribe().with(done -> {}, failure -> {});
        return fetch;
    }

    private synchronized Keys replace(List<JsonWebKey> fetched) {
        if (failed) {
            LOG.info("the keys of the issuer of tokens can be fetched again");
        }
        Keys old = keys;
        if (old.generation() == 0 || !old.sameAs(fetched)) {
            keys = new Keys(fetched, old.generation() + 1);
        }
        running = null;
        failed = false;
        oldAt = clock.read() + refresh;
        observer.keysFetched();
        return keys;
    }

    private synchronized IdentityUnavailableException notFetched(Throwable failure) {
        if (!failed) {
            LOG.warnf("the keys of the issuer of tokens cannot be fetched; known ones stay good: %s", failure);
        }
        running = null;
        failed = true;
        notBefore = clock.read() + Math.min(pause, AFTER_FAILURE);
        observer.keysNotFetched();
        return new IdentityUnavailableException("the issuer did not answer", failure);
    }

    /** Public keys alone: a secret one that somebody published verifies nothing. */
    private static List<JsonWebKey> parse(String text) {
        try {
            return new JsonWebKeySet(text)
                    .getJsonWebKeys().stream()
                            .filter(key -> key instanceof PublicJsonWebKey)
                            .toList();
        } catch (JoseException e) {
            throw new IllegalArgumentException("not a set of keys", e);
        }
    }
}
