/** The issuer of signed bearer tokens, as a neighbour: where its public keys come from. */
@NullMarked
package io.lockgate.jwks;

import org.jspecify.annotations.NullMarked;
