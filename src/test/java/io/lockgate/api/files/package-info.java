/** Tests of the files API, over HTTP. */
@NullMarked
package io.lockgate.api.files;

import org.jspecify.annotations.NullMarked;
