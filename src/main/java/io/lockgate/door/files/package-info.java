/**
 * The files API: byte-range locks, the file registry, reverse DNS, sessions and version. docs/api-files.md has its facts.
 *
 * <p>A request passes {@link io.lockgate.door.files.FilesThreshold} (what the framework would get wrong), a resource
 * (parameters to values), a use case of a room, and {@link io.lockgate.door.files.FilesAnswers} or {@link
 * io.lockgate.door.files.FilesFailures} (outcome to answer).
 */
@NullMarked
package io.lockgate.door.files;

import org.jspecify.annotations.NullMarked;
