/** Tests of the way to the keys of an issuer. */
@NullMarked
package io.lockgate.jwks;

import org.jspecify.annotations.NullMarked;
