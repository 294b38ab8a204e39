package io.lockgate.identity;

import io.lockgate.range.Caller;

/** Says who sent the current request. The doors ask it once per request and hand the answer on as a parameter. */
public interface Callers {
    Caller current();
}
