package io.lockgate.api.courses;

import io.lockgate.course.CourseLock;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** A lock. */
@RegisterForReflection
record CourseLockBody(String id, String type, SubjectBody subject, String ownerId, long expiresIn) {

    static CourseLockBody of(CourseLock lock) {
        return new CourseLockBody(
                Long.toString(lock.id()),
                "gadget",
                new SubjectBody(lock.on().courseId(), lock.on().gadgetId()),
                Long.toString(lock.owner()),
                lock.expiresIn().toMillis());
    }
}
