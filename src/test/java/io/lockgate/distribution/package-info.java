@NullMarked
package io.lockgate.distribution;

import org.jspecify.annotations.NullMarked;
