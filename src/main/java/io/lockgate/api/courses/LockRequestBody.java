package io.lockgate.api.courses;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/** What to lock. */
@RegisterForReflection
record LockRequestBody(@Nullable String type, @Nullable SubjectBody subject) {}
