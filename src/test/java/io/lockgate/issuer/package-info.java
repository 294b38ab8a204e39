/** Tests of the way to the keys of an issuer. */
@NullMarked
package io.lockgate.issuer;

import org.jspecify.annotations.NullMarked;
