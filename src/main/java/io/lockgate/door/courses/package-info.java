/**
 * The courses API: locks on gadgets of courses. docs/api-courses.md has its facts.
 *
 * <p>A request passes {@link io.lockgate.door.courses.CoursesThreshold}, a resource (who calls, may they, what do they want), a
 * use case of {@code course}, and {@link io.lockgate.door.courses.CoursesAnswers} or {@link
 * io.lockgate.door.courses.CoursesDoor}.
 */
@NullMarked
package io.lockgate.door.courses;

import org.jspecify.annotations.NullMarked;
