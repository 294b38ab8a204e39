/** Tests of what every API needs of HTTP. */
@NullMarked
package io.lockgate.http;

import org.jspecify.annotations.NullMarked;
