/**
 * The admin API: locks on routes, with {@code {"data","code"}} for every answer. docs/api-admin.md has its facts.
 *
 * <p>A request passes {@link io.lockgate.http.DialectFilter}, a resource (who calls, may they, what do they
 * want), a use case of {@code route}, and {@link io.lockgate.api.admin.AdminAnswers} or {@link
 * io.lockgate.api.admin.AdminDialect}.
 */
@NullMarked
package io.lockgate.api.admin;

import org.jspecify.annotations.NullMarked;
