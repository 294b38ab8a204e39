package io.lockgate.event;

/** A listener that is being told. */
public interface Following {
    /** Tells it nothing more, but for what is being told. */
    void end();
}
