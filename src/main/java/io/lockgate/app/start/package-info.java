/** Command line, checks before the start, and the end of a start that fails. */
@NullMarked
package io.lockgate.app.start;

import org.jspecify.annotations.NullMarked;
