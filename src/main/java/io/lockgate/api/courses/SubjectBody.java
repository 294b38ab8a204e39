package io.lockgate.api.courses;

import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/** A gadget of a course. */
@RegisterForReflection
record SubjectBody(@Nullable String courseId, @Nullable String gadgetId) {}
