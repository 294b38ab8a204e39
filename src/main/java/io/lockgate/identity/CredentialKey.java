package io.lockgate.identity;

/** What a good-looking credential comes down to: that by which the store knows whose it is. */
sealed interface CredentialKey permits TokenHash, JwtSubject {}
