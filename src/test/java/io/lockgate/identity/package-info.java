/** Tests of who is at the door. */
@NullMarked
package io.lockgate.identity;

import org.jspecify.annotations.NullMarked;
