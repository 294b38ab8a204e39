/** The neighbour Postgres: the only place that knows Hibernate and SQL. */
@NullMarked
package io.lockgate.postgres;

import org.jspecify.annotations.NullMarked;
