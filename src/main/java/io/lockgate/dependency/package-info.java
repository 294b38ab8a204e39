/** Results of checks of Redis and Postgres: plain values that the adapters hand to the start-up checks. */
@NullMarked
package io.lockgate.dependency;

import org.jspecify.annotations.NullMarked;
