/** Settings and wiring. */
@NullMarked
package io.lockgate.boot;

import org.jspecify.annotations.NullMarked;
