/** The fuse box: settings, wiring, start-up checks, and the embedded servers of dev mode. May know every other room. */
@NullMarked
package io.lockgate.boot;

import org.jspecify.annotations.NullMarked;
