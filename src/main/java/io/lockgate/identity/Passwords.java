package io.lockgate.identity;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategy;
import com.github.benmanes.caffeine.cache.Ticker;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hashes passwords with bcrypt, on threads of its own: a hash is tens of milliseconds of pure computing and has no
 * place on an event loop. Bcrypt takes 72 bytes; longer passwords are brought down by SHA-512 first, so that every byte
 * counts.
 *
 * <p>So many are computed at once, the rest has turns that are fair between networks and names ({@link FairExecutor}):
 * a flood of wrong passwords makes its own network wait. Those who were right lately go first.
 *
 * <p>Where there is no user, {@link #verify} computes as long, on a hash that nothing matches: by the time of an answer
 * nobody learns which names exist.
 */
public final class Passwords implements AutoCloseable {
    /** Longest password, in bytes of UTF-8. */
    public static final int MAX_BYTES = 1_024;

    private static final BCrypt.Version VERSION = BCrypt.Version.VERSION_2B;
    private static final LongPasswordStrategy LONG = LongPasswordStrategies.hashSha512(VERSION);

    /** Shortest password that may be set, in characters (code points). Shorter ones set before go on. */
    public static final int MIN_CHARACTERS = 8;

    /** Hashes of one network that may wait. */
    private static final int WAITING_PER_NETWORK = 16;

    /** Longest wait for a turn; with the hash itself well below the two seconds of an answer. */
    private static final Duration PATIENCE = Duration.ofMillis(1_500);

    /** Nobody's in particular: passwords that are set, by those who may. */
    private static final FairExecutor.Asker SETTING = new FairExecutor.Asker("", "", true);

    private final int cost;
    private final ThreadPoolExecutor threads;
    private final FairExecutor turns;

    /** A hash that nothing matches; made by the first who asks, whomever they ask for. */
    private volatile @Nullable String nobody;

    /**
     * @param cost logarithm to base 2 of the rounds
     * @param threadCount hashes computed at the same moment
     * @param waiting hashes that may wait, of all networks; what has no place or no turn in time fails with {@link
     *     BusyException}
     */
    public Passwords(int cost, int threadCount, int waiting) {
        this.cost = cost;
        this.threads = new ThreadPoolExecutor(
                threadCount, threadCount, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "passwords");
                    thread.setDaemon(true);
                    return thread;
                });
        this.threads.allowCoreThreadTimeOut(true);
        this.turns = new FairExecutor(
                threadCount, Math.min(WAITING_PER_NETWORK, waiting), waiting, PATIENCE, Ticker.systemTicker());
    }

    /** Whether {@code password} is long enough to be set. */
    public static boolean isLongEnough(String password) {
        return password.codePointCount(0, password.length()) >= MIN_CHARACTERS;
    }

    /** More passwords are being checked than fit. */
    public static final class BusyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BusyException() {
            super("too many passwords at once", null, false, false);
        }
    }

    public Uni<String> hash(String password) {
        return away(SETTING, () -> compute(password));
    }

    /**
     * Whether {@code password} is the one of {@code hash}. Without a hash it is not, and takes as long.
     *
     * @param asker whose turn it takes
     */
    Uni<Boolean> verify(String password, Optional<String> hash, FairExecutor.Asker asker) {
        return away(asker, () -> {
            String stranger = nobody();
            boolean matches = BCrypt.verifyer(VERSION, LONG)
                    .verify(bytes(password), hash.orElse(stranger).getBytes(StandardCharsets.UTF_8))
                    .verified;
            return matches && hash.isPresent();
        });
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private String nobody() {
        @Nullable String known = nobody;
        if (known == null) {
            known = compute(TokenSecret.draw("").text());
            nobody = known;
        }
        return known;
    }

    private String compute(String password) {
        return new String(BCrypt.with(VERSION, LONG).hash(cost, bytes(password)), StandardCharsets.UTF_8);
    }

    /** An empty password, or one too long to take, is answered as slowly as any other, and matches nothing. */
    private static byte[] bytes(String password) {
        byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
        return bytes.length == 0 || bytes.length > MAX_BYTES ? new byte[] {0} : bytes;
    }

    private <T> Uni<T> away(FairExecutor.Asker asker, Callable<T> work) {
        return turns.run(asker, () -> away(work))
                .onFailure(FairExecutor.TooManyException.class)
                .transform(refused -> new BusyException());
    }

    private <T> Uni<T> away(Callable<T> work) {
        return Uni.createFrom().emitter(emitter -> {
            try {
                threads.execute(() -> {
                    try {
                        emitter.complete(work.call());
                    } catch (Throwable e) {
                        // An error too: without an end the work would keep its turn for ever.
                        emitter.fail(e);
                    }
                });
            } catch (RejectedExecutionException e) {
                emitter.fail(new BusyException());
            }
        });
    }
}
