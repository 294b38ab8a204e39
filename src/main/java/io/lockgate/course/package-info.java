/**
 * Locks on gadgets of courses: who edits what. Values, outcomes, the port {@link io.lockgate.course.CourseLockTable}
 * and the use cases {@link io.lockgate.course.CourseLocks}. Plain Java and {@code Uni}.
 */
@NullMarked
package io.lockgate.course;

import org.jspecify.annotations.NullMarked;
