/** Tests of how what is shipped is put into containers and clusters. */
@NullMarked
package io.lockgate.deploy;

import org.jspecify.annotations.NullMarked;
