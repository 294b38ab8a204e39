package io.lockgate.api.courses;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** A course that is known. */
@RegisterForReflection
record CourseBody(String courseId, String internalId) {}
