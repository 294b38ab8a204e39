package io.lockgate.door.courses;

import io.lockgate.course.Caller;
import java.util.Optional;

/** Says who sent the current request of this door, in the course room's terms. */
public interface CourseCallers {
    /**
     * The caller; empty when there is no good credential, or its user has been deleted. A partner key is a caller that is no
     * user.
     */
    Optional<Caller> current();
}
