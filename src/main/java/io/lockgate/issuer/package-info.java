/** The issuer of signed bearer tokens, as a neighbour: where its public keys come from. */
@NullMarked
package io.lockgate.issuer;

import org.jspecify.annotations.NullMarked;
