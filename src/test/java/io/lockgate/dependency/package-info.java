/** What a look at a neighbour found; plain values that the neighbours' rooms hand to the fuse box. */
@NullMarked
package io.lockgate.dependency;

import org.jspecify.annotations.NullMarked;
