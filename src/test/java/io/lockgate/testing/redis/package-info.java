/**
 * Redis servers that a test may break, cluster or move, proxies in front of them, and a plain client to look into them.
 * They know nothing of Lockgate's scripts and keys; helpers that do are in {@code io.lockgate.redis}.
 */
@NullMarked
package io.lockgate.testing.redis;

import org.jspecify.annotations.NullMarked;
