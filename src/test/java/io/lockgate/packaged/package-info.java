/** What is shipped, started and stopped from outside. */
@NullMarked
package io.lockgate.packaged;

import org.jspecify.annotations.NullMarked;
