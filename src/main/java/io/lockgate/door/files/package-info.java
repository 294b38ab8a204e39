/**
 * The files door: the byte-range lock API of the seeds 000 and 001, with their wire shapes, and what they lack. Facts
 * about the dialect are in dialects.md section 1, the additions in product.md 1.2.
 *
 * <p>A request passes {@link io.lockgate.door.files.FilesThreshold} (what the framework would get wrong), a resource
 * (parameters to values), a use case of a room, and {@link io.lockgate.door.files.FilesAnswers} or {@link
 * io.lockgate.door.files.FilesFailures} (outcome to answer).
 */
@NullMarked
package io.lockgate.door.files;

import org.jspecify.annotations.NullMarked;
