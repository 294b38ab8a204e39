/** Tests of what checks of Redis and Postgres report. */
@NullMarked
package io.lockgate.dependency;

import org.jspecify.annotations.NullMarked;
