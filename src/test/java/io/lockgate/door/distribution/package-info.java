/** Tests of the distribution door over HTTP. */
@NullMarked
package io.lockgate.door.distribution;

import org.jspecify.annotations.NullMarked;
