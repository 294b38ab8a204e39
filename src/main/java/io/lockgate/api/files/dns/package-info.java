/** Host names of the files API. */
@NullMarked
package io.lockgate.api.files.dns;

import org.jspecify.annotations.NullMarked;
