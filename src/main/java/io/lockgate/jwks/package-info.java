/** The adapter of the issuer of signed bearer tokens: fetches its public keys (JWKS, RFC 7517). */
@NullMarked
package io.lockgate.jwks;

import org.jspecify.annotations.NullMarked;
