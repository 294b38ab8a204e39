/** Tests of the distribution API over HTTP. */
@NullMarked
package io.lockgate.api.distribution;

import org.jspecify.annotations.NullMarked;
