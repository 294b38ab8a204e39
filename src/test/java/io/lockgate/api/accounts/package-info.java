/** Tests of users, tokens, audit and logins, and of the authentication of all APIs. */
@NullMarked
package io.lockgate.api.accounts;

import org.jspecify.annotations.NullMarked;
