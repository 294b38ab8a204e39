package io.lockgate.http;

import java.time.Duration;

/**
 * How often the credential of a call that lasts is looked up again.
 *
 * @param interval {@code lockgate.identity.cache}
 */
public record CredentialRecheck(Duration interval) {}
