/** Readiness checks. */
@NullMarked
package io.lockgate.app.health;

import org.jspecify.annotations.NullMarked;
