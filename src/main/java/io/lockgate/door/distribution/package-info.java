/** The distribution door (seed 002, dialects.md 2): which provider holds which blocks of a file. */
@NullMarked
package io.lockgate.door.distribution;

import org.jspecify.annotations.NullMarked;
