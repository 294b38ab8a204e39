/** Settings and wiring. */
@NullMarked
package io.lockgate.app;

import org.jspecify.annotations.NullMarked;
