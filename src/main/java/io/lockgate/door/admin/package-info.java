/**
 * The admin API: locks on routes, with {@code {"data","code"}} for every answer. docs/api-admin.md has its facts.
 *
 * <p>A request passes {@link io.lockgate.door.admin.AdminThreshold}, a resource (who calls, may they, what do they want), a use
 * case of {@code route}, and {@link io.lockgate.door.admin.AdminAnswers} or {@link io.lockgate.door.admin.AdminDoor}.
 */
@NullMarked
package io.lockgate.door.admin;

import org.jspecify.annotations.NullMarked;
