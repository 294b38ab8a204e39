package io.lockgate.api.courses;

/** Limits of the courses API. The settings {@code lockgate.courses.*} implement it. */
public interface CoursesLimits {
    /** Longest request body in bytes. */
    int bodyLimit();
}
