/** Tests of the files door, over HTTP. */
@NullMarked
package io.lockgate.door.files;

import org.jspecify.annotations.NullMarked;
