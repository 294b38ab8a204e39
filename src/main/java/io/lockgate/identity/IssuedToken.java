package io.lockgate.identity;

import java.time.Duration;

/** A new token, the only time that its secret is at hand. */
public record IssuedToken(long id, TokenSecret secret, Duration lifetime) {}
