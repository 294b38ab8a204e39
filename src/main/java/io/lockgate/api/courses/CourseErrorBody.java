package io.lockgate.api.courses;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** Every error of this API. */
@RegisterForReflection
record CourseErrorBody(int error, String message) {}
