/** Tests of users, tokens, audit and logins, and of the guards of all doors. */
@NullMarked
package io.lockgate.api.accounts;

import org.jspecify.annotations.NullMarked;
