package io.lockgate.api.courses;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** Every failure of this door. */
@RegisterForReflection
record CourseErrorBody(int error, String message) {}
