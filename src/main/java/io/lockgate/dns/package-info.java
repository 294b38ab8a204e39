/** The adapter of the platform's name resolver. */
@NullMarked
package io.lockgate.dns;

import org.jspecify.annotations.NullMarked;
