/** Tests of the distribution door over HTTP. */
@NullMarked
package io.lockgate.api.distribution;

import org.jspecify.annotations.NullMarked;
