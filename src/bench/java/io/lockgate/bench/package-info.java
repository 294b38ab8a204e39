/**
 * Benchmarks and load checks. Main classes, run by the scripts in {@code bench/}; {@code verify} runs short forms of
 * the checks.
 */
@NullMarked
package io.lockgate.bench;

import org.jspecify.annotations.NullMarked;
