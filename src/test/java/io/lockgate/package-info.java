/** Tests of the gateway as a whole. */
@NullMarked
package io.lockgate;

import org.jspecify.annotations.NullMarked;
