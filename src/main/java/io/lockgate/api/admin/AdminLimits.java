package io.lockgate.api.admin;

/**
 * Limits of the admin door.
 *
 * @param bodyBytes longest body
 * @param pageDefault rows of a page when no limit is asked for
 * @param pageMax rows of a page at most
 */
public record AdminLimits(int bodyBytes, int pageDefault, int pageMax) {}
