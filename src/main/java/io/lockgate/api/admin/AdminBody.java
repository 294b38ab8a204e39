package io.lockgate.api.admin;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** Every answer of this door but those of lists, good or bad. */
@RegisterForReflection
record AdminBody(String data, int code) {}
