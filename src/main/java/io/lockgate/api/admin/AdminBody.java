package io.lockgate.api.admin;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** Every answer of this API but lists, success or error. */
@RegisterForReflection
record AdminBody(String data, int code) {}
