/**
 * Which files there are: references, paths, ids, the port {@link io.lockgate.file.FileCatalog} and the use cases
 * {@link io.lockgate.file.Files}. Plain Java and {@code Uni}.
 */
@NullMarked
package io.lockgate.file;

import org.jspecify.annotations.NullMarked;
