package io.lockgate.identity;

/**
 * Whom a signed token is about, after its signature and claims were found good.
 *
 * @param username the name that a user must have to be meant
 */
record JwtSubject(String username) implements CredentialKey {}
