package io.lockgate.identity;

/** The key by which the store finds the owner of a well-formed credential. */
sealed interface CredentialKey permits TokenHash, JwtSubject {}
