/** Tests of users, tokens, passwords and permissions. */
@NullMarked
package io.lockgate.identity;

import org.jspecify.annotations.NullMarked;
