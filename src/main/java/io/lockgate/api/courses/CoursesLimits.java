package io.lockgate.api.courses;

/**
 * Limits of the courses door.
 *
 * @param bodyBytes longest body
 */
public record CoursesLimits(int bodyBytes) {}
