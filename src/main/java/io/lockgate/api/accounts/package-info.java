/**
 * Users, tokens, audit and logins, each in the dialect that owns its path: {@code /auth} and {@code /admin} answer
 * {@code {"data","code"}}, {@code /sessions} answers as the courses API does.
 */
@NullMarked
package io.lockgate.api.accounts;

import org.jspecify.annotations.NullMarked;
