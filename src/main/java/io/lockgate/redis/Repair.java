package io.lockgate.redis;

import io.lockgate.redis.ScriptRunner.Reply;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code lockgate --repair}: finds the buckets whose keys do not tell one story (a script died half way, a clock was
 * ahead), and makes them tell that of their rows.
 *
 * <p><b>Atomicity.</b> A bucket is marked first ({@code lua/buckets/repair.lua}): from then on every script of every
 * gateway, of older versions too, answers 503 for it. Then it is read, and what differs is written in slices, each in
 * one script. The mark goes at the end; a repair that stopped half way leaves it, and the next one begins that bucket
 * again. Not guaranteed: a bucket whose slot of a cluster moves meanwhile.
 *
 * <p>One bucket at a time is held in memory, about 2 KB for each lock.
 */
public final class Repair {
    /** Elements asked for by one command, and changed by one script. */
    private static final int SLICE = 200;

    /** Members named in a line. */
    private static final int NAMED = 3;

    /** Its gateways could not read what is written here. */
    private static final String OTHER_FORMAT =
            "it is of another version of Lockgate: a gateway of this one has to serve first";

    private static final String MALFORMED = "cannot be repaired: ";
    private static final long AHEAD_MILLIS = 2_000;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** What a repair knows (RedisKeys); whatever else a bucket may hold is left alone. */
    private static final Set<String> HASHES = Set.of(
            "meta",
            "rows",
            "chunks",
            "sessions",
            "waiters",
            "breaks",
            "providers",
            "posix-levels",
            "posix-nodes",
            "smb-levels",
            "smb-nodes");

    private static final Set<String> KINDS = Stream.concat(
                    HASHES.stream(),
                    Stream.of(
                            "list",
                            "expiry",
                            "names",
                            "opens",
                            "session-due",
                            "session-live",
                            "queue",
                            "waiting-due",
                            "break-due",
                            "posix",
                            "smb",
                            "blocks",
                            "past",
                            "leftovers"))
            .collect(Collectors.toUnmodifiableSet());

    private final ScriptRunner runner;
    private final RedisKeys keys;
    private static final LuaScript SCRIPT = LuaScript.load("buckets/repair").evenWhenFull();

    public Repair(ScriptRunner runner, RedisSettings settings) {
        this.runner = runner;
        this.keys = new RedisKeys(settings.calls().buckets());
    }

    /** A repair could not go on. What it has done stays done, and a bucket that it has marked stays marked. */
    public static final class StoppedException extends Exception {
        private static final long serialVersionUID = 1L;

        StoppedException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Says what is wrong, and changes nothing. A bucket that holds what no script writes is told with the reason. The
     * buckets are read while they are in use, so each is read twice where something seems to be wrong, and only what is
     * wrong both times is told.
     *
     * @param say is told each line
     * @return how many buckets are inconsistent
     */
    public int look(Consumer<String> say) throws StoppedException {
        int wrong = 0;
        for (int bucket = 0; bucket < keys.buckets(); bucket++) {
            List<String> found = look(bucket);
            int at = bucket;
            found.forEach(line -> say.accept("bucket " + at + ": " + line));
            wrong += found.isEmpty() ? 0 : 1;
        }
        return wrong;
    }

    /**
     * The outcome of a repair.
     *
     * @param repaired buckets that are consistent now
     * @param leftAlone buckets that hold what no script writes, so that nobody can say what they must hold; not touched
     */
    public record Outcome(int repaired, int leftAlone) {}

    /** Repairs every bucket in which {@link #look} finds something. */
    public Outcome apply(Consumer<String> say) throws StoppedException {
        int repaired = 0;
        int leftAlone = 0;
        for (int bucket = 0; bucket < keys.buckets(); bucket++) {
            List<String> found = look(bucket);
            if (found.isEmpty()) {
                continue;
            }
            if (found.getFirst().startsWith(MALFORMED) || found.getFirst().equals(OTHER_FORMAT)) {
                say.accept("bucket " + bucket + ": " + found.getFirst());
                leftAlone++;
            } else {
                apply(bucket, say);
                repaired++;
            }
        }
        return new Outcome(repaired, leftAlone);
    }

    private List<String> look(int bucket) throws StoppedException {
        List<String> found = differences(bucket);
        if (!found.isEmpty()) {
            found.retainAll(differences(bucket));
        }
        return found;
    }

    private List<String> differences(int bucket) throws StoppedException {
        Map<String, Map<String, String>> image = read(bucket);
        try {
            return differences(bucket, image, storeMillis(bucket));
        } catch (RuntimeException e) {
            return new ArrayList<>(List.of(MALFORMED + Edit.plain(String.valueOf(e.getMessage()))));
        }
    }

    private List<String> differences(int bucket, Map<String, Map<String, String>> image, long now) {
        List<String> lines = new ArrayList<>();
        Map<String, String> meta = image.getOrDefault(keys.prefix(bucket) + "meta", Map.of());
        if (meta.getOrDefault("epoch", "").startsWith(StoreMark.UNDER_REPAIR)) {
            lines.add("a repair has stopped half way");
        }
        if (meta.isEmpty() && image.containsKey(keys.rows(bucket))) {
            lines.add("has lost its meta");
        }
        if (Long.parseLong(meta.getOrDefault("clock", "0")) > now + AHEAD_MILLIS) {
            lines.add("its clock is ahead of its server");
        }
        BucketRepair.Target target = target(bucket, image, now);
        lines.addAll(target.told());
        edits(image, target.keys()).forEach(edit -> lines.add(edit.words(keys.prefix(bucket))));
        // One that has lost its meta can be repaired: no gateway of another format has a mark in it either.
        if (!lines.isEmpty() && !meta.isEmpty() && !StoreMark.isOfThisFormat(meta.getOrDefault("mark", ""))) {
            lines.addFirst(OTHER_FORMAT);
        }
        return lines;
    }

    private BucketRepair.Target target(int bucket, Map<String, Map<String, String>> image, long now) {
        Map<String, String> meta = image.getOrDefault(keys.meta(bucket), Map.of());
        // Only format 1 has a meta without an epoch.
        String epoch = meta.getOrDefault("epoch", meta.isEmpty() ? Long.toString(StoreMark.EPOCH) : "1");
        long number = Long.parseLong(epoch.substring(epoch.lastIndexOf(':') + 1));
        return BucketRepair.of(
                bucket, keys.prefix(bucket), image, GrantRows.hex(number).substring(10), now);
    }

    private void apply(int bucket, Consumer<String> say) throws StoppedException {
        String id = runner.newRequestId();
        Reply marked = step(bucket, id, "mark", "", List.of());
        long ahead = Long.parseLong(marked.text(2));
        if (ahead > 0) {
            say.accept("bucket " + bucket + ": its clock was set back by " + ahead + " ms");
        }
        Map<String, Map<String, String>> image = read(bucket);
        BucketRepair.Target target = target(bucket, image, marked.nowMillis());
        for (String line : target.told()) {
            say.accept("bucket " + bucket + ": " + line);
        }
        for (Edit edit : edits(image, target.keys())) {
            say.accept("bucket " + bucket + ": repaired: " + edit.words(keys.prefix(bucket)));
            for (List<String> slice : edit.slices()) {
                step(bucket, id, "edit", edit.key(), slice);
            }
        }
        step(bucket, id, "unmark", "", List.of());
        say.accept("bucket " + bucket + ": in use again");
    }

    /** @param command with its arguments, for an edit of {@code key} */
    private Reply step(int bucket, String id, String what, String key, List<String> command) throws StoppedException {
        String request = runner.newRequestId();
        List<String> scriptKeys =
                new ArrayList<>(keys.ofLeftovers(bucket, request).subList(0, 2));
        if (!key.isEmpty()) {
            scriptKeys.add(key);
        }
        List<String> arguments = new ArrayList<>(List.of(id, what));
        arguments.addAll(command);
        try {
            Reply reply = runner.run(SCRIPT, request, scriptKeys, arguments, true)
                    .await()
                    .atMost(PATIENCE);
            if (reply.status().equals("taken")) {
                throw new StoppedException("bucket " + bucket + ": another repair has taken over", null);
            }
            return reply;
        } catch (RuntimeException e) {
            throw new StoppedException("bucket " + bucket + ": " + e.getMessage(), e);
        }
    }

    // ---------------------------------------------------------------- what differs

    /** Elements of one key to bring or to take away. */
    private record Edit(String key, boolean hash, boolean brings, Map<String, String> elements) {
        String words(String prefix) {
            String first = elements.entrySet().stream()
                    .limit(NAMED)
                    .map(e -> plain(hash && brings ? e.getKey() + '=' + e.getValue() : e.getKey()))
                    .collect(Collectors.joining(", "));
            String more = elements.size() > NAMED ? ", … " + elements.size() + " in all" : "";
            return (brings ? "lacks or has wrong in " : "has too much in ") + plain(key.substring(prefix.length()))
                    + ": " + first + more;
        }

        private static String plain(String text) {
            return text.replace('\t', '|');
        }

        List<List<String>> slices() {
            List<List<String>> slices = new ArrayList<>();
            List<String> slice = List.of();
            for (Map.Entry<String, String> element : elements.entrySet()) {
                if (slice.isEmpty() || slice.size() > SLICE) {
                    slice = new ArrayList<>(List.of(hash ? brings ? "HSET" : "HDEL" : brings ? "ZADD" : "ZREM"));
                    slices.add(slice);
                }
                if (brings && !hash) {
                    slice.add(element.getValue());
                }
                slice.add(element.getKey());
                if (brings && hash) {
                    slice.add(element.getValue());
                }
            }
            return slices;
        }
    }

    private static List<Edit> edits(Map<String, Map<String, String>> from, Map<String, Map<String, String>> to) {
        List<Edit> edits = new ArrayList<>();
        TreeSet<String> all = new TreeSet<>(from.keySet());
        all.addAll(to.keySet());
        for (String key : all) {
            Map<String, String> before = from.getOrDefault(key, Map.of());
            Map<String, String> after = to.getOrDefault(key, Map.of());
            Map<String, String> brought = new TreeMap<>(after);
            brought.entrySet().removeIf(element -> element.getValue().equals(before.get(element.getKey())));
            Map<String, String> gone = new TreeMap<>(before);
            gone.keySet().removeAll(after.keySet());
            if (!brought.isEmpty()) {
                edits.add(new Edit(key, isHash(key), true, brought));
            }
            if (!gone.isEmpty()) {
                edits.add(new Edit(key, isHash(key), false, gone));
            }
        }
        return edits;
    }

    private static String kind(String key) {
        String name = key.substring(key.indexOf('}') + 2);
        int colon = name.indexOf(':');
        return colon < 0 ? name : name.substring(0, colon);
    }

    private static boolean isHash(String key) {
        return HASHES.contains(kind(key));
    }

    // ---------------------------------------------------------------- reading

    private Map<String, Map<String, String>> read(int bucket) throws StoppedException {
        String prefix = keys.prefix(bucket);
        String meta = prefix + "meta";
        TreeSet<String> there = new TreeSet<>();
        String cursor = "0";
        do {
            Response answer = ask(
                    meta,
                    Request.cmd(Command.SCAN)
                            .arg(cursor)
                            .arg("MATCH")
                            .arg(prefix + "*")
                            .arg("COUNT")
                            .arg(1_000));
            cursor = answer.get(0).toString();
            answer.get(1).forEach(key -> there.add(key.toString()));
        } while (!cursor.equals("0"));
        Map<String, Map<String, String>> image = new TreeMap<>();
        for (String key : there) {
            if (KINDS.contains(kind(key))) {
                image.put(key, read(meta, key));
            }
        }
        return image;
    }

    private Map<String, String> read(String meta, String key) throws StoppedException {
        boolean hash = isHash(key);
        Map<String, String> elements = new TreeMap<>();
        String cursor = "0";
        do {
            Response answer = ask(
                    meta,
                    Request.cmd(hash ? Command.HSCAN : Command.ZSCAN)
                            .arg(key)
                            .arg(cursor)
                            .arg("COUNT")
                            .arg(SLICE));
            cursor = answer.get(0).toString();
            Response found = answer.get(1);
            for (int i = 0; i + 1 < found.size(); i += 2) {
                String value = found.get(i + 1).toString();
                elements.put(found.get(i).toString(), hash ? value : Long.toString((long) Double.parseDouble(value)));
            }
        } while (!cursor.equals("0"));
        return elements;
    }

    private long storeMillis(int bucket) throws StoppedException {
        Response time = ask(keys.prefix(bucket) + "meta", Request.cmd(Command.TIME));
        return Long.parseLong(time.get(0).toString()) * 1_000
                + Long.parseLong(time.get(1).toString()) / 1_000;
    }

    /** Of the one who decides about {@code key}. */
    private Response ask(String key, Request request) throws StoppedException {
        Future<@Nullable Response> answer = runner.command(key, request);
        try {
            return Objects.requireNonNull(
                    answer.toCompletionStage().toCompletableFuture().get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException("stopped", e);
        } catch (ExecutionException e) {
            throw new StoppedException(
                    "Redis: "
                            + (e.getCause() == null
                                    ? e.getMessage()
                                    : e.getCause().getMessage()),
                    e);
        }
    }
}
