/** Which files there are: references, paths, ids, and the port {@link io.lockgate.file.FileCatalog}. Plain Java. */
@NullMarked
package io.lockgate.file;

import org.jspecify.annotations.NullMarked;
