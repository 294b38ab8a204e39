package io.lockgate.course;

import java.time.Duration;

/**
 * A lock that stands.
 *
 * @param id positive; a renewal keeps it
 * @param owner id of the user who holds it
 * @param expiresIn time left when the table answered, by its clock
 */
public record CourseLock(long id, Gadget on, long owner, Duration expiresIn) {}
