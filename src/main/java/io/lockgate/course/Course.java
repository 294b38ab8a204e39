package io.lockgate.course;

/**
 * A course that is known. Either key reaches it.
 *
 * @param id as it was made known; lower-case letters and digits, at least one of them a letter
 * @param internalId the other key, positive
 */
public record Course(String id, long internalId) {}
