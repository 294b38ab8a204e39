package io.lockgate.identity;

/**
 * The subject of a signed token, after its signature and claims were found good.
 *
 * @param username the name that a user must have to be meant
 */
record JwtSubject(String username) implements CredentialKey {}
