/**
 * The doors: one package per REST dialect, and here what they share, which is only how a failure finds its door. A door
 * turns requests into use cases of a room and outcomes into answers; it decides nothing about locks.
 */
@NullMarked
package io.lockgate.door;

import org.jspecify.annotations.NullMarked;
