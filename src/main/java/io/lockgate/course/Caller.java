package io.lockgate.course;

/**
 * Who asks, as far as this room must know. Every use case takes it.
 *
 * @param userId the user authenticated, or whom a partner key belongs to
 * @param user false for a partner key, which holds no locks (docs/api-courses.md)
 * @param edits where the caller sees, takes and frees locks ({@code edit-course})
 * @param catalogs where the caller makes courses and gadgets known ({@code manage-catalog})
 */
public record Caller(long userId, boolean user, CourseScope edits, CourseScope catalogs) {}
