package io.lockgate.api.courses;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/** The gadget to lock. */
@RegisterForReflection
record LockRequestBody(@Nullable String type, @Nullable SubjectBody subject) {}
