/** Users, tokens, passwords and permissions: who calls, and what they may do. */
@NullMarked
package io.lockgate.identity;

import org.jspecify.annotations.NullMarked;
