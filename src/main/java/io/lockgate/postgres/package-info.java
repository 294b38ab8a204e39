/** The neighbour Postgres: the only place that knows Hibernate and SQL. One store per port of the rooms. */
@NullMarked
package io.lockgate.postgres;

import org.jspecify.annotations.NullMarked;
