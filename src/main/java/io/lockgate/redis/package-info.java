/** The adapter of Redis: the scripts and the one class that runs them, the keys, and one store for each port. */
@NullMarked
package io.lockgate.redis;

import org.jspecify.annotations.NullMarked;
