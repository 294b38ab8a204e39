package io.lockgate.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What Redis says it spent since an earlier look.
 *
 * @param commands by name, from commandstats; the time of EVALSHA and FCALL includes that of the commands that the
 *     script calls
 * @param cpuMicros processor time of the whole server, network and parsing included
 */
record RedisCost(Map<String, Spent> commands, double cpuMicros) {
    static final RedisCost ZERO = new RedisCost(Map.of(), 0);
    private static final String PREFIX = "cmdstat_";
    /** The commands that call a script or a function. */
    private static final List<String> CALLS = List.of("evalsha", "fcall");

    /** What one command has cost. */
    record Spent(long calls, double micros) {
        static final Spent NOTHING = new Spent(0, 0);

        Spent plus(Spent other) {
            return new Spent(calls + other.calls, micros + other.micros);
        }

        Spent minus(Spent other) {
            return new Spent(calls - other.calls, micros - other.micros);
        }
    }

    /** What {@code work} costs. The processor's time is read next to the work, so that little else is counted. */
    static RedisCost of(Resp redis, Runnable work) {
        Map<String, Spent> before = stats(redis);
        double cpu = cpu(redis);
        work.run();
        double cpuAfter = cpu(redis);
        Map<String, Spent> commands = new TreeMap<>(stats(redis));
        commands.replaceAll((name, spent) -> spent.minus(before.getOrDefault(name, Spent.NOTHING)));
        commands.values().removeIf(spent -> spent.calls == 0);
        return new RedisCost(commands, cpuAfter - cpu);
    }

    RedisCost plus(RedisCost other) {
        Map<String, Spent> sum = new TreeMap<>(commands);
        other.commands.forEach((name, spent) -> sum.merge(name, spent, Spent::plus));
        return new RedisCost(sum, cpuMicros + other.cpuMicros);
    }

    /** Without what looking itself costs. */
    RedisCost minusCpu(double micros) {
        return new RedisCost(commands, Math.max(0, cpuMicros - micros));
    }

    double scriptMicrosPerCall() {
        return CALLS.stream().mapToDouble(this::microsPerCall).sum();
    }

    double cpuMicrosPerCall() {
        return cpuMicros / calls();
    }

    /** How often a call of a script calls a command, on average. */
    double timesPerCall(String command) {
        return (double) commands.getOrDefault(command, Spent.NOTHING).calls / calls();
    }

    /** How long a call of a script spends in a command, on average. */
    double microsPerCall(String command) {
        return commands.getOrDefault(command, Spent.NOTHING).micros / calls();
    }

    private long calls() {
        return CALLS.stream()
                .mapToLong(name -> commands.getOrDefault(name, Spent.NOTHING).calls)
                .sum();
    }

    /** Value of an INFO field. */
    static double field(String info, String name) {
        return info.lines()
                .filter(line -> line.startsWith(name + ":"))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("INFO has no " + name));
    }

    private static Map<String, Spent> stats(Resp redis) {
        return redis.call("INFO", "commandstats")
                .lines()
                .filter(line -> line.startsWith(PREFIX))
                .collect(
                        Collectors.toMap(line -> line.substring(PREFIX.length(), line.indexOf(':')), RedisCost::spent));
    }

    private static Spent spent(String line) {
        return new Spent(Long.parseLong(value(line, "calls")), Double.parseDouble(value(line, "usec")));
    }

    private static String value(String line, String name) {
        for (String part : line.substring(line.indexOf(':') + 1).split(",", -1)) {
            if (part.startsWith(name + "=")) {
                return part.substring(name.length() + 1);
            }
        }
        throw new IllegalStateException("commandstats has no " + name + ": " + line);
    }

    private static double cpu(Resp redis) {
        String info = redis.call("INFO", "cpu");
        return 1e6 * (field(info, "used_cpu_user") + field(info, "used_cpu_sys"));
    }
}
