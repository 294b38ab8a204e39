/** The stores against a real Postgres, up and down. */
@NullMarked
package io.lockgate.postgres;

import org.jspecify.annotations.NullMarked;
