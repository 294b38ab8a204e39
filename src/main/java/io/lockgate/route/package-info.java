/**
 * Locks on routes of an administration: who edits which page. Values, outcomes, the port {@link
 * io.lockgate.route.RouteLockTable} and the use cases {@link io.lockgate.route.RouteLocks}. Plain Java and {@code Uni}.
 */
@NullMarked
package io.lockgate.route;

import org.jspecify.annotations.NullMarked;
