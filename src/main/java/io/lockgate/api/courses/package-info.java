/**
 * The courses API: locks on gadgets of courses. docs/api-courses.md has its facts.
 *
 * <p>A request passes {@link io.lockgate.http.DialectFilter}, a resource (who calls, may they, what do
 * they want), a use case of {@code course}, and {@link io.lockgate.api.courses.CoursesAnswers} or {@link
 * io.lockgate.api.courses.CoursesDialect}.
 */
@NullMarked
package io.lockgate.api.courses;

import org.jspecify.annotations.NullMarked;
