package io.lockgate.course;

import java.util.Set;

/**
 * The courses on which a permission holds.
 *
 * @param everywhere on all of them, whatever {@code courses} says
 * @param courses by their course ids, not by their internal ones
 */
public record CourseScope(boolean everywhere, Set<String> courses) {
    public static final CourseScope EVERYWHERE = new CourseScope(true, Set.of());
    public static final CourseScope NOWHERE = new CourseScope(false, Set.of());

    public CourseScope {
        courses = Set.copyOf(courses);
    }

    boolean covers(String courseId) {
        return everywhere || courses.contains(courseId);
    }

    boolean isEmpty() {
        return !everywhere && courses.isEmpty();
    }
}
