@NullMarked
package io.lockgate.range.breaks;

import org.jspecify.annotations.NullMarked;
