/** Dev mode: embedded Redis and Postgres. */
@NullMarked
package io.lockgate.app.dev;

import org.jspecify.annotations.NullMarked;
