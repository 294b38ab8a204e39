package io.lockgate.range;

/**
 * The name that a client gives to one call, so that it can send the call again without having it done twice ({@code
 * Idempotency-Key}, docs/api-files.md, "Asked twice"). It belongs to one request of one principal.
 *
 * @param principal whose key
 * @param text 1 to 255 visible ASCII characters
 * @param request a digest of all that makes the request: of method, path, query and body
 */
public record IdempotencyKey(String principal, String text, String request) {}
