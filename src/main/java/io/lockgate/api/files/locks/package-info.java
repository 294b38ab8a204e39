/** Byte-range locks of the files API: of a file, of all files, grants, fencing tokens. */
@NullMarked
package io.lockgate.api.files.locks;

import org.jspecify.annotations.NullMarked;
