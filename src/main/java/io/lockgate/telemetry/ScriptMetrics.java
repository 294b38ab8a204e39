package io.lockgate.telemetry;

import io.lockgate.redis.ScriptObserver;
import io.micrometer.core.instrument.MeterRegistry;

/** {@code lockgate_script_seconds}: calls of scripts, retries included, by script and first word of the answer. */
public final class ScriptMetrics implements ScriptObserver {
    private final Timers timers;

    public ScriptMetrics(MeterRegistry registry) {
        this.timers = new Timers(registry, "Calls of Lua scripts on Redis, retries included");
    }

    @Override
    public void called(String script, String outcome, long nanos) {
        timers.record("lockgate.script", "script", script, outcome, nanos);
    }
}
