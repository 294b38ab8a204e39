/** Tests of how outcomes of locks become answers. */
@NullMarked
package io.lockgate.api.files.locks;

import org.jspecify.annotations.NullMarked;
