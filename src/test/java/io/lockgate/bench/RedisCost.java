package io.lockgate.bench;

import java.util.Arrays;

/**
 * What Redis says it spent on EVALSHA since an earlier look.
 *
 * @param calls how many
 * @param scriptMicros time inside the command, from commandstats
 * @param cpuMicros processor time of the whole server, network and parsing included
 */
record RedisCost(long calls, double scriptMicros, double cpuMicros) {
    static final RedisCost ZERO = new RedisCost(0, 0, 0);

    private record Counters(long calls, double scriptMicros) {}

    /** What {@code work} costs. The processor's time is read next to the work, so that little else is counted. */
    static RedisCost of(Resp redis, Runnable work) {
        Counters stats = stats(redis);
        double cpu = cpu(redis);
        work.run();
        double cpuAfter = cpu(redis);
        Counters after = stats(redis);
        return new RedisCost(after.calls - stats.calls, after.scriptMicros - stats.scriptMicros, cpuAfter - cpu);
    }

    RedisCost plus(RedisCost other) {
        return new RedisCost(calls + other.calls, scriptMicros + other.scriptMicros, cpuMicros + other.cpuMicros);
    }

    /** Without what looking itself costs. */
    RedisCost minusCpu(double micros) {
        return new RedisCost(calls, scriptMicros, Math.max(0, cpuMicros - micros));
    }

    double scriptMicrosPerCall() {
        return scriptMicros / calls;
    }

    double cpuMicrosPerCall() {
        return cpuMicros / calls;
    }

    /** Value of an INFO field. */
    static double field(String info, String name) {
        return info.lines()
                .filter(line -> line.startsWith(name + ":"))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("INFO has no " + name));
    }

    private static Counters stats(Resp redis) {
        String line = redis.call("INFO", "commandstats")
                .lines()
                .filter(l -> l.startsWith("cmdstat_evalsha:"))
                .findFirst()
                .orElse("cmdstat_evalsha:calls=0,usec=0");
        String[] parts = line.substring(line.indexOf(':') + 1).split(",", -1);
        return new Counters(Long.parseLong(value(parts, "calls")), Double.parseDouble(value(parts, "usec")));
    }

    private static String value(String[] parts, String name) {
        return Arrays.stream(parts)
                .filter(part -> part.startsWith(name + "="))
                .map(part -> part.substring(name.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    private static double cpu(Resp redis) {
        String info = redis.call("INFO", "cpu");
        return 1e6 * (field(info, "used_cpu_user") + field(info, "used_cpu_sys"));
    }
}
