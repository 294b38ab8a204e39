/** Tests of the files door, over HTTP. */
@NullMarked
package io.lockgate.api.files;

import org.jspecify.annotations.NullMarked;
