package io.lockgate.redis;

import io.lockgate.redis.topology.CallCost;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Rolls back grants that nobody could be told of: the call went out, no answer came in time, and the client was told
 * "unknown"; or the answer came, and the client had left. Runs behind the answer, as soon as Redis speaks again; after
 * {@link #KEPT} the store has forgotten what the request did and nothing can be done. What the same owner has asked for
 * again since is not touched.
 */
final class UnacknowledgedGrants {
    private static final Logger LOG = Logger.getLogger(UnacknowledgedGrants.class);
    /** How long a bucket remembers what a request did (RESULT_KEPT_MS in clock.lua). */
    private static final Duration KEPT = Duration.ofSeconds(30);

    private static final Duration PAUSE = Duration.ofMillis(500);

    /** The not-after time of a request whose outcome is known: no copy of it can take effect any more. */
    private static final long KNOWN = 0;

    private final ScriptRunner runner;
    private final LuaScript script;

    UnacknowledgedGrants(ScriptRunner runner, LuaScript script) {
        this.runner = runner;
        this.script = script;
    }

    /**
     * For an outcome that is known.
     *
     * @return false when the store knows of nothing to roll back
     */
    Uni<Boolean> now(String requestId, Function<String, List<String>> keysFor, List<String> spaceArguments) {
        spaceArguments.add(requestId);
        spaceArguments.add(Long.toString(KNOWN));
        long end = System.nanoTime() + KEPT.toNanos();
        return once(keysFor, spaceArguments)
                .onFailure()
                .recoverWithUni(() -> attempt(requestId, keysFor, spaceArguments, end))
                .map(status -> status.equals("undone"));
    }

    /**
     * @param requestId the request whose outcome is unknown
     * @param notAfterMillis store time from which it cannot take effect any more
     * @param keysFor the keys of a rollback with the given request id
     */
    void later(
            String requestId,
            long notAfterMillis,
            Function<String, List<String>> keysFor,
            List<String> spaceArguments) {
        spaceArguments.add(requestId);
        spaceArguments.add(Long.toString(notAfterMillis));
        long end = System.nanoTime() + KEPT.toNanos();
        attempt(requestId, keysFor, spaceArguments, end)
                .subscribe()
                .with(
                        status -> LOG.debugf("request %s: %s", requestId, status),
                        failure -> LOG.warnf(
                                "request %s: its outcome could not be learned within %s (%s)",
                                requestId, KEPT, failure.getMessage()));
    }

    private Uni<String> attempt(
            String requestId, Function<String, List<String>> keysFor, List<String> arguments, long end) {
        return Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(PAUSE)
                .flatMap(ignored -> once(keysFor, arguments))
                .flatMap(status -> status.equals("early")
                        ? Uni.createFrom().failure(new IllegalStateException("it may still arrive"))
                        : Uni.createFrom().item(status))
                .onFailure(failure -> System.nanoTime() < end)
                .recoverWithUni(() -> attempt(requestId, keysFor, arguments, end));
    }

    private Uni<String> once(Function<String, List<String>> keysFor, List<String> arguments) {
        String id = runner.newRequestId();
        return runner.run(script, id, keysFor.apply(id), arguments, true, CallCost.kept(CallCost.SYSTEM, 1))
                .map(ScriptRunner.Reply::status);
    }
}
