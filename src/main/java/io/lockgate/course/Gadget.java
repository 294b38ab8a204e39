package io.lockgate.course;

/**
 * A gadget, by name: whether it is known is for the table to say.
 *
 * @param courseId of its course, not the internal one
 * @param gadgetId any text, unique within the course
 */
public record Gadget(String courseId, String gadgetId) {}
