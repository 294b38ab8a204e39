/** The adapter of Postgres: the only package that knows Hibernate and SQL. One store for each port of the domains. */
@NullMarked
package io.lockgate.postgres;

import org.jspecify.annotations.NullMarked;
