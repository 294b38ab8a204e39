package io.lockgate.door.courses;

/**
 * Limits of the courses door.
 *
 * @param bodyBytes longest body
 */
public record CoursesLimits(int bodyBytes) {}
