package io.lockgate.redis;

import io.lockgate.redis.topology.RedisServer;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the function libraries of other versions of Lockgate that no gateway has used for a day. Each gateway notes
 * once an hour which library it uses, in a hash on each primary. One that is found without a note gets the time of
 * now. A library deleted too early does no harm: its gateways run scripts and load it again.
 */
final class OldLibraries {
    private static final long UNUSED_SECONDS = 86_400;
    /** Whoever else gives a library such a first half of a name keeps it. */
    private static final Pattern NAME = Pattern.compile(ScriptLibrary.NAMES + "[0-9a-f]{16}");

    private final String used;
    private final long millis;

    /**
     * @param used the name of the library that this gateway uses
     * @param millis how long each of the questions may take
     */
    OldLibraries(String used, long millis) {
        this.used = used;
        this.millis = millis;
    }

    /**
     * One visit of a server on which the library is used. It fails where a right is missing.
     *
     * @param key of the notes; the server decides about it
     */
    Future<Void> visit(RedisServer node, String key) {
        return node.ask(Request.cmd(Command.TIME), millis).compose(time -> {
            long now = Long.parseLong(Objects.requireNonNull(time).get(0).toString());
            return note(node, key, used, now)
                    .compose(ignored -> node.ask(
                            Request.cmd(Command.FUNCTION)
                                    .arg("LIST")
                                    .arg("LIBRARYNAME")
                                    .arg(ScriptLibrary.NAMES + '*'),
                            millis))
                    .compose(list -> judge(node, key, list, now));
        });
    }

    /** All of them, also those behind one that cannot be deleted; then it fails with the first failure. */
    private Future<Void> judge(RedisServer node, String key, @Nullable Response list, long now) {
        List<Future<Void>> judged = new ArrayList<>();
        for (Response library : Objects.requireNonNull(list)) {
            String name = library.get("library_name").toString();
            if (NAME.matcher(name).matches() && !name.equals(used)) {
                judged.add(node.ask(Request.cmd(Command.HGET).arg(key).arg(name), millis)
                        .compose(noted -> judge(node, key, name, noted, now)));
            }
        }
        return Future.join(judged).mapEmpty();
    }

    private Future<Void> judge(RedisServer node, String key, String name, @Nullable Response noted, long now) {
        if (noted == null) {
            return note(node, key, name, now);
        }
        if (now - Long.parseLong(noted.toString()) <= UNUSED_SECONDS) {
            return Future.succeededFuture();
        }
        return node.ask(Request.cmd(Command.FUNCTION).arg("DELETE").arg(name), millis)
                .compose(ignored -> node.ask(Request.cmd(Command.HDEL).arg(key).arg(name), millis))
                .mapEmpty();
    }

    private Future<Void> note(RedisServer node, String key, String name, long now) {
        return node.ask(Request.cmd(Command.HSET).arg(key).arg(name).arg(now), millis)
                .mapEmpty();
    }
}
