/** Breaking locks: an administrator ends what others hold, at once or after a notice, and may take that back. */
@NullMarked
package io.lockgate.range.breaks;

import org.jspecify.annotations.NullMarked;
