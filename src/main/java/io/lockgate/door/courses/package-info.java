/**
 * The courses door: locks on gadgets of courses, seed 004. Facts about the dialect are in dialects.md section 3, the additions
 * in product.md 1.5.
 *
 * <p>A request passes {@link io.lockgate.door.courses.CoursesThreshold}, a resource (who calls, may they, what do they want), a
 * use case of {@code course}, and {@link io.lockgate.door.courses.CoursesAnswers} or {@link
 * io.lockgate.door.courses.CoursesDoor}.
 */
@NullMarked
package io.lockgate.door.courses;

import org.jspecify.annotations.NullMarked;
