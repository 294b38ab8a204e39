package io.lockgate.redis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every command that the gateway needs the right to, so that a start can try them all ({@link StoreCheck}): a right
 * that is missing would be found out when a script is half done. A test compares these with what the scripts and this
 * package call; docs/redis-acl.md has them in the form of an ACL.
 */
final class RedisCommands {
    /**
     * What scripts and gateway do to a key, with arguments behind the key. HDEL and HSET come first, see {@link
     * #scratch}.
     */
    static final Map<String, List<String>> ON_KEY = onKey();

    /** What scripts call and the gateway sends without a key. */
    static final List<String> WITHOUT_KEY = List.of("TIME", "INFO", "PING");

    /** What runs scripts. */
    static final List<String> SCRIPTING = List.of("EVAL", "EVALSHA");

    /**
     * What tells who decides: asked for in a cluster, behind Sentinels and of Sentinels, each time the gateway looks
     * who it is.
     */
    static final List<String> TOPOLOGY = List.of("CLUSTER", "ROLE", "SENTINEL");

    /** What {@code --repair} needs besides. */
    static final List<String> REPAIR = List.of("SCAN", "HSCAN", "ZSCAN");

    /**
     * ACL tells what a user may do; where it is not allowed, the rights are tried on a {@linkplain #scratch scratch
     * key}. Where the others are not, or not there (before Redis 7), functions are run as scripts; without messages a
     * waiting call is served up to two seconds later.
     */
    static final List<String> OPTIONAL = List.of("ACL", "FCALL", "FUNCTION", "PUBLISH", "SUBSCRIBE");

    private RedisCommands() {}

    private static Map<String, List<String>> onKey() {
        Map<String, List<String>> commands = new LinkedHashMap<>();
        commands.put("HDEL", List.of("f"));
        commands.put("HSET", List.of("f", "1"));
        commands.put("HINCRBY", List.of("f", "1"));
        commands.put("HGET", List.of("f"));
        commands.put("HMGET", List.of("f"));
        commands.put("HGETALL", List.of());
        commands.put("HKEYS", List.of());
        commands.put("HLEN", List.of());
        commands.put("GET", List.of());
        commands.put("SET", List.of("", "PX", "1000", "NX"));
        commands.put("PERSIST", List.of());
        commands.put("PEXPIRE", List.of("1000"));
        commands.put("XADD", List.of("*", "f", "1"));
        commands.put("XRANGE", List.of("-", "+"));
        commands.put("XREVRANGE", List.of("+", "-"));
        commands.put("ZADD", List.of("0", "m"));
        commands.put("ZREM", List.of("m"));
        commands.put("ZCARD", List.of());
        commands.put("ZSCORE", List.of("m"));
        commands.put("ZLEXCOUNT", List.of("-", "+"));
        commands.put("ZRANGEBYLEX", List.of("-", "+"));
        commands.put("ZREVRANGEBYLEX", List.of("+", "-"));
        commands.put("ZRANGEBYSCORE", List.of("0", "0"));
        return commands;
    }

    /**
     * A script that tries every command on the one key that it is given, and answers the names of those that its user
     * may not run there. The key is a hash with one field for as long as the script runs, and is gone with that field;
     * what does not fit a hash is refused for that, after Redis has looked at the rights.
     */
    static String scratch() {
        StringBuilder script = new StringBuilder("""
                local refused = {}
                local function try(name, ...)
                  local reply = redis.pcall(name, ...)
                  local said = type(reply) == 'table' and reply.err or ''
                  if string.find(said, 'NOPERM') or string.find(said, 'The user executing') or string.find(said, 'ACL failure') then
                    refused[#refused + 1] = string.find(said, ' key') and name .. ' on lg:1:*' or name
                  end
                end
                """);
        ON_KEY.forEach((name, arguments) -> {
            List<String> words = new ArrayList<>(List.of("'" + name + "'", "KEYS[1]"));
            arguments.forEach(argument -> words.add("'" + argument + "'"));
            script.append("try(").append(String.join(", ", words)).append(")\n");
            if (name.equals("HSET")) {
                // Without either the key could not be made, or would stay.
                script.append("if #refused > 0 then return refused end\n");
            }
        });
        return script.append("try('TIME')\nredis.call('HDEL', KEYS[1], 'f')\nreturn refused\n")
                .toString();
    }
}
