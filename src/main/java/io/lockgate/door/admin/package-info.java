/**
 * The admin door: locks on routes, seed 003, with {@code {"data","code"}} for every answer. Facts about the dialect are in
 * dialects.md section 4, the additions in product.md 1.4.
 *
 * <p>A request passes {@link io.lockgate.door.admin.AdminThreshold}, a resource (who calls, may they, what do they want), a use
 * case of {@code route}, and {@link io.lockgate.door.admin.AdminAnswers} or {@link io.lockgate.door.admin.AdminDoor}.
 */
@NullMarked
package io.lockgate.door.admin;

import org.jspecify.annotations.NullMarked;
