package io.lockgate.redis;

import io.lockgate.neighbour.Findings;
import io.lockgate.neighbour.Words;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the store at start: no master may ever evict (a lock that is evicted is granted twice), and it must have been made
 * with the same number of buckets and, while it holds locks, with the same rule between the worlds. What an empty store is to be
 * is written down there by {@link #claim}, and by nothing else here.
 */
public final class StoreCheck {
    private static final Pattern MODE = Pattern.compile("redis_mode:(\\S+)");
    private static final Pattern ROLE = Pattern.compile("role:(\\S+)");
    private static final Pattern POLICY = Pattern.compile("maxmemory_policy:(\\S+)");
    /** Netty's words for a handshake that came to no end; the server may just have been stopped. */
    private static final Pattern CUT_OFF = Pattern.compile("closed|timed out");

    private static final String BUCKETS = "buckets";
    private static final String CROSS_PROTOCOL = "cross-protocol";

    private final ScriptRunner runner;
    private final RedisSettings settings;
    private final RedisKeys keys;

    public StoreCheck(ScriptRunner runner, RedisSettings settings) {
        this.runner = runner;
        this.settings = settings;
        this.keys = new RedisKeys(settings.buckets());
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
                lookAtMark(faults);
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
     * numbers of buckets one is told that it is not fit. With different rules between the worlds both may pass while no lock is
     * held; whoever then comes to a bucket with locks of the other is refused there ({@code lib/lock.lua}).
     */
    public Findings claim() {
        Findings found = look();
        if (!found.isFit()) {
            return found;
        }
        try {
            put(BUCKETS, Integer.toString(settings.buckets()), Command.HSETNX);
            put(CROSS_PROTOCOL, rule(), Command.HSETNX);
            List<String> faults = new ArrayList<>();
            lookAtMark(faults);
            if (faults.isEmpty()) {
                put(CROSS_PROTOCOL, rule(), Command.HSET);
            }
            return new Findings(faults, false);
        } catch (ExecutionException e) {
            return unanswered(e.getCause() == null ? e : e.getCause());
        }
    }

    private String rule() {
        return settings.crossProtocolEnforced() ? "enforced" : "isolated";
    }

    private void lookAtServer(String address, String info, List<String> faults) {
        String mode = word(MODE, info);
        if (!mode.equals(runner.mode())) {
            faults.add("the Redis at " + address + " is of the mode " + mode + ": quarkus.redis.client-type must be "
                    + mode + ", and where it is sentinel, quarkus.redis.hosts must name the Sentinels");
        } else if (!word(POLICY, info).equals("noeviction")) {
            faults.add("Redis may evict locks: maxmemory-policy must be noeviction (" + address + ")");
        }
    }

    private static String word(Pattern pattern, String info) {
        Matcher matcher = pattern.matcher(info);
        return matcher.find() ? matcher.group(1) : "unknown";
    }

    private void lookAtMark(List<String> faults) throws ExecutionException {
        Response stored = Objects.requireNonNull(ask(
                RedisKeys.STORE,
                Request.cmd(Command.HMGET).arg(RedisKeys.STORE).arg(BUCKETS).arg(CROSS_PROTOCOL)));
        Response buckets = stored.get(0);
        if (buckets != null && !buckets.toString().equals(Integer.toString(settings.buckets()))) {
            faults.add("Redis: the store was made with lockgate.redis.buckets=" + buckets + ", not "
                    + settings.buckets() + ": it is fixed for the life of the data");
            // Its locks lie in other buckets than those that would be looked into now.
            return;
        }
        Response rule = stored.get(1);
        if (rule != null && !rule.toString().equals(rule()) && holdsLocks()) {
            faults.add("Redis: the store holds locks taken with lockgate.locks.cross-protocol=" + rule
                    + "; it can be changed to " + rule() + " only while none is held");
        }
    }

    private void put(String field, String value, Command command) throws ExecutionException {
        ask(
                RedisKeys.STORE,
                Request.cmd(command).arg(RedisKeys.STORE).arg(field).arg(value));
    }

    private boolean holdsLocks() throws ExecutionException {
        for (int bucket = 0; bucket < keys.buckets(); bucket++) {
            String rows = keys.rows(bucket);
            Response exists = ask(rows, Request.cmd(Command.EXISTS).arg(rows));
            if (exists != null && !"0".equals(exists.toString())) {
                return true;
            }
        }
        return false;
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
