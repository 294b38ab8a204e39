package io.lockgate.telemetry;

import io.lockgate.redis.ScriptObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * {@code lockgate_script_seconds}: calls of scripts, retries included, by script and first word of the answer. {@code
 * lockgate_redis_full_total}: attempts that Redis refused because its maxmemory is reached, which is worth an alarm.
 */
public final class ScriptMetrics implements ScriptObserver {
    private final Timers timers;
    private final Counter full;

    public ScriptMetrics(MeterRegistry registry) {
        this.timers = new Timers(registry, "Calls of Lua scripts on Redis, retries included");
        this.full = Counter.builder("lockgate.redis.full")
                .description("Attempts that Redis refused because its maxmemory is reached.")
                .register(registry);
    }

    @Override
    public void called(String script, String outcome, long nanos) {
        timers.record("lockgate.script", "script", script, outcome, nanos);
    }

    @Override
    public void full() {
        full.increment();
    }
}
