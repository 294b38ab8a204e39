package io.lockgate.redis;

/** Is told of every script call; the metrics implement it. */
public interface ScriptObserver {
    /**
     * A call has ended.
     *
     * @param script the verb
     * @param outcome first word of the answer, or what went wrong
     * @param nanos from the call to its answer, retries included
     */
    void called(String script, String outcome, long nanos);

    /** Redis has refused an attempt because it is full (maxmemory). */
    default void full() {}

    ScriptObserver NONE = (script, outcome, nanos) -> {};
}
