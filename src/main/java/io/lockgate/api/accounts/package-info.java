/**
 * Users, tokens, audit and logins, in the shapes of the doors they stand in: {@code /auth} and {@code /admin} answer
 * {@code {"data","code"}}, {@code /sessions} answers as the courses door does. Also the guards of those two doors.
 */
@NullMarked
package io.lockgate.api.accounts;

import org.jspecify.annotations.NullMarked;
