/** Version and features that this version does not have. */
@NullMarked
package io.lockgate.api.files.version;

import org.jspecify.annotations.NullMarked;
