package io.lockgate.redis;

import io.lockgate.dependency.CheckResult;
import io.lockgate.dependency.ErrorMessages;
import io.lockgate.redis.topology.EventLoopConnection;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the store at start: no primary may ever evict (a lock that is evicted is granted twice), and it must have
 * been made with the same number of buckets and, while it holds locks, with the same rule between the protocols ({@link
 * BucketStamps}). For an empty store these are written down by {@link #claim}.
 */
public final class StoreCheck {
    private static final Pattern MODE = Pattern.compile("redis_mode:(\\S+)");
    private static final Pattern ROLE = Pattern.compile("role:(\\S+)");
    private static final Pattern POLICY = Pattern.compile("maxmemory_policy:(\\S+)");
    /** Netty's words for a handshake that came to no end; the server may just have been stopped. */
    private static final Pattern CUT_OFF = Pattern.compile("closed|timed out");

    private final ScriptRunner runner;
    private final RedisKeys keys;

    public StoreCheck(ScriptRunner runner) {
        this.runner = runner;
        this.keys = new RedisKeys(runner.buckets());
    }

    /**
     * One look, which changes nothing. Blocks, for each of its few questions at most {@link
     * RedisSettings.Calls#callTimeout()}; after the first that is not answered it asks no more.
     */
    public CheckResult look() {
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
                return CheckResult.notYet(
                        "the Redis at " + replicas.getFirst() + " is a replica (QUARKUS_REDIS_HOSTS)");
            }
            if (faults.isEmpty()) {
                for (String key : runner.oneOfEach(keys.scratches())) {
                    lookAtRights(key, faults);
                }
            }
            if (faults.isEmpty()) {
                add(faults, runner.stamps().look());
            }
            return new CheckResult(faults, false);
        } catch (ExecutionException e) {
            return unanswered(e.getCause() == null ? e : e.getCause());
        }
    }

    /**
     * Writes down in an empty store with what settings it is used from now on. Of two gateways that do so at once with
     * different ones, one is told that it is not fit. Buckets are stamped by the first call: a start that fails after
     * this has taken a store from no gateway of an older version.
     */
    public CheckResult claim() {
        CheckResult found = look();
        if (!found.isFit()) {
            return found;
        }
        try {
            List<String> faults = new ArrayList<>();
            add(faults, runner.stamps().claim());
            return new CheckResult(faults, false);
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

    /** Tries each command that will be needed, on the primary that decides about {@code key}. */
    private void lookAtRights(String key, List<String> faults) throws ExecutionException {
        String user = user(key);
        List<String> refused = user.isEmpty() ? null : dryRun(user, key);
        if (refused == null) {
            refused = new ArrayList<>();
            for (Response name : Objects.requireNonNull(ask(
                    key,
                    Request.cmd(Command.EVAL)
                            .arg(RedisCommands.scratch())
                            .arg(1)
                            .arg(key)))) {
                refused.add(name.toString());
            }
            for (Request request :
                    List.of(Request.cmd(Command.EVALSHA).arg("0".repeat(40)).arg(0), Request.cmd(Command.PING))) {
                String said = errorOf(key, request);
                if (ScriptRunner.errorCode(said).equals("NOPERM")) {
                    refused.add(request.command().toString());
                }
            }
        }
        if (!refused.isEmpty()) {
            faults.add(String.format(
                    Locale.ROOT,
                    "Redis: the user %s may not run %s: docs/redis-acl.md has the rights that it needs",
                    user.isEmpty() ? "of this gateway" : user,
                    String.join(", ", refused)));
        }
    }

    /** The Redis user of the gateway; empty when the gateway may not ask. */
    private String user(String key) throws ExecutionException {
        try {
            return String.valueOf(ask(key, Request.cmd(Command.ACL).arg("WHOAMI")));
        } catch (ExecutionException e) {
            return replied(e, "");
        }
    }

    /**
     * Redis' own word for each command (since 7.0); null when it knows no such question or does not answer it to this
     * user.
     */
    private @Nullable List<String> dryRun(String user, String key) throws ExecutionException {
        Map<String, Request> questions = new LinkedHashMap<>();
        RedisCommands.ON_KEY.forEach((name, arguments) -> {
            Request request = question(user, name).arg(key);
            arguments.forEach(request::arg);
            questions.put(name, request);
        });
        RedisCommands.WITHOUT_KEY.forEach(name -> questions.put(name, question(user, name)));
        RedisCommands.SCRIPTING.forEach(name ->
                questions.put(name, question(user, name).arg("return 1").arg(1).arg(key)));
        List<String> refused = new ArrayList<>();
        for (Map.Entry<String, Request> question : questions.entrySet()) {
            try {
                String said = String.valueOf(ask(key, question.getValue()));
                if (!said.equals("OK")) {
                    refused.add(question.getKey() + (said.contains(" key") ? " on lg:1:*" : ""));
                }
            } catch (ExecutionException e) {
                return replied(e, null);
            }
        }
        return refused;
    }

    private static Request question(String user, String name) {
        return Request.cmd(Command.ACL).arg("DRYRUN").arg(user).arg(name);
    }

    private String errorOf(String key, Request request) throws ExecutionException {
        try {
            ask(key, request);
            return "";
        } catch (ExecutionException e) {
            return replied(
                    e, String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
        }
    }

    /** What it comes to that Redis has refused; a Redis that does not answer is a failure of the look. */
    private static <T extends @Nullable Object> T replied(ExecutionException e, T answer) throws ExecutionException {
        if (EventLoopConnection.isReply(e.getCause())) {
            return answer;
        }
        throw e;
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
    private static CheckResult unanswered(Throwable failure) {
        String said = ErrorMessages.of(failure);
        String code = ScriptRunner.errorCode(said);
        boolean tls = said.contains("hostname verification");
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            tls |= cause instanceof SSLException
                    && !CUT_OFF.matcher(String.valueOf(cause.getMessage())).find();
            code = code.isEmpty() ? ScriptRunner.errorCode(String.valueOf(cause.getMessage())) : code;
        }
        if (tls) {
            return CheckResult.unfit(
                    "Redis: no agreement on TLS: " + said + " (QUARKUS_REDIS_HOSTS, QUARKUS_REDIS_TLS_…)");
        }
        if (code.isEmpty() || ScriptRunner.PASSING.contains(code)) {
            return CheckResult.notYet("Redis does not answer: " + said + " (QUARKUS_REDIS_HOSTS)");
        }
        if (code.equals("NOPERM")) {
            String lack = said.contains(" key") ? "may not use the keys lg:1:*" : "lacks a right";
            return CheckResult.unfit("Redis: the user of this gateway " + lack + ": " + said
                    + ": docs/redis-acl.md has the rights that it needs");
        }
        boolean password = code.equals("WRONGPASS") || code.equals("NOAUTH") || said.contains("ERR AUTH");
        if (password) {
            return CheckResult.unfit(
                    "Redis refuses the password: " + said + " (QUARKUS_REDIS_PASSWORD, or in QUARKUS_REDIS_HOSTS)");
        }
        if (said.contains("DB index")) {
            return CheckResult.unfit(
                    "Redis has no such database: " + said + " (the number at the end of QUARKUS_REDIS_HOSTS)");
        }
        return CheckResult.unfit("Redis refuses: " + said);
    }
}
