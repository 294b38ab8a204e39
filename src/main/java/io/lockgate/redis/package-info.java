/** The neighbour Redis: one class that speaks to it, the scripts, the keys, and one store for each port. */
@NullMarked
package io.lockgate.redis;

import org.jspecify.annotations.NullMarked;
