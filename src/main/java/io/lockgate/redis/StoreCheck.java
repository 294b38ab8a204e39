package io.lockgate.redis;

import io.lockgate.neighbour.Findings;
import io.lockgate.neighbour.Words;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the store at start: no master may ever evict (a lock that is evicted is granted twice), and it must have been made
 * with the same number of buckets and, while it holds locks, with the same rule between the protocols ({@link BucketStamps}). For an
 * empty store these are written down by {@link #claim}.
 */
public final class StoreCheck {
    private static final Pattern MODE = Pattern.compile("redis_mode:(\\S+)");
    private static final Pattern ROLE = Pattern.compile("role:(\\S+)");
    private static final Pattern POLICY = Pattern.compile("maxmemory_policy:(\\S+)");
    /** Netty's words for a handshake that came to no end; the server may just have been stopped. */
    private static final Pattern CUT_OFF = Pattern.compile("closed|timed out");

    private final ScriptRunner runner;

    public StoreCheck(ScriptRunner runner) {
        this.runner = runner;
    }

    /**
     * One look, which changes nothing. Blocks, for each of its few questions at most {@link RedisSettings#callTimeout()}; after
     * the first that is not answered it asks no more.
     */
    public Findings look() {
        try {
            List<String> faults = new ArrayList<>();
            List<String> replicas = new ArrayList<>();
            answer(runner.everywhere(Request.cmd(Command.INFO))).forEach((address, info) -> {
                lookAtServer(address, String.valueOf(info), faults);
                if (!word(ROLE, String.valueOf(info)).equals("master")) {
                    replicas.add(address);
                }
            });
            if (faults.isEmpty() && !replicas.isEmpty()) {
                // A failover may make it one.
                return Findings.notYet("the Redis at " + replicas.getFirst() + " is a replica (QUARKUS_REDIS_HOSTS)");
            }
            if (faults.isEmpty()) {
                add(faults, runner.stamps().look());
                ask(
                        RedisKeys.STORE,
                        Request.cmd(Command.EVAL).arg("return 1").arg(1).arg(RedisKeys.STORE));
            }
            return new Findings(faults, false);
        } catch (ExecutionException e) {
            return unanswered(e.getCause() == null ? e : e.getCause());
        }
    }

    /**
     * Writes down in an empty store with what settings it is used from now on. Of two gateways that do so at once with different
     * ones, one is told that it is not fit. Buckets are stamped by the first call: a start that fails after this has taken a store
     * from no gateway of an older version.
     */
    public Findings claim() {
        Findings found = look();
        if (!found.isFit()) {
            return found;
        }
        try {
            List<String> faults = new ArrayList<>();
            add(faults, runner.stamps().claim());
            return new Findings(faults, false);
        } catch (ExecutionException e) {
            return unanswered(e.getCause() == null ? e : e.getCause());
        }
    }

    private static void add(List<String> faults, Future<@Nullable String> looked) throws ExecutionException {
        String fault = answer(looked);
        if (fault != null) {
            faults.add("Redis: " + fault);
        }
    }

    private void lookAtServer(String address, String info, List<String> faults) {
        String mode = word(MODE, info);
        if (!mode.equals(runner.mode())) {
            faults.add(
                    ("the Redis at %s is of the mode %s: quarkus.redis.client-type must be %s, and where it is sentinel,"
                                    + " quarkus.redis.hosts must name the Sentinels")
                            .formatted(address, mode, mode));
        } else if (!word(POLICY, info).equals("noeviction")) {
            faults.add("Redis may evict locks: maxmemory-policy must be noeviction (%s)".formatted(address));
        }
    }

    private static String word(Pattern pattern, String info) {
        Matcher matcher = pattern.matcher(info);
        return matcher.find() ? matcher.group(1) : "unknown";
    }

    private @Nullable Response ask(String key, Request request) throws ExecutionException {
        return answer(runner.command(key, request));
    }

    private static <T extends @Nullable Object> T answer(Future<T> answer) throws ExecutionException {
        try {
            return answer.toCompletionStage().toCompletableFuture().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExecutionException(e);
        }
    }

    /** Why there was no answer, and whether one may come: only who has been reached can refuse for good. */
    private static Findings unanswered(Throwable failure) {
        String said = Words.of(failure);
        String code = ScriptRunner.errorCode(said);
        boolean tls = said.contains("hostname verification");
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            tls |= cause instanceof SSLException
                    && !CUT_OFF.matcher(String.valueOf(cause.getMessage())).find();
            code = code.isEmpty() ? ScriptRunner.errorCode(String.valueOf(cause.getMessage())) : code;
        }
        if (tls) {
            return Findings.unfit(
                    "Redis: no agreement on TLS: " + said + " (QUARKUS_REDIS_HOSTS, QUARKUS_REDIS_TLS_…)");
        }
        if (code.isEmpty() || ScriptRunner.PASSING.contains(code)) {
            return Findings.notYet("Redis does not answer: " + said + " (QUARKUS_REDIS_HOSTS)");
        }
        boolean password = code.equals("WRONGPASS") || code.equals("NOAUTH") || said.contains("ERR AUTH");
        if (password) {
            return Findings.unfit(
                    "Redis refuses the password: " + said + " (QUARKUS_REDIS_PASSWORD, or in QUARKUS_REDIS_HOSTS)");
        }
        if (said.contains("DB index")) {
            return Findings.unfit(
                    "Redis has no such database: " + said + " (the number at the end of QUARKUS_REDIS_HOSTS)");
        }
        return Findings.unfit("Redis refuses: " + said);
    }
}
