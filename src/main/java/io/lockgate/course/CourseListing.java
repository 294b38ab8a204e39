package io.lockgate.course;

import java.util.List;

/** How a listing ended. */
public sealed interface CourseListing {
    /** All locks of the course, the oldest first; the dialect has no pages here. */
    record Found(List<CourseLock> locks) implements CourseListing {
        public Found {
            locks = List.copyOf(locks);
        }
    }

    /** The key names no course. */
    record NoSuchCourse(String courseKey) implements CourseListing {}
}
