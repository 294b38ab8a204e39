@NullMarked
package io.lockgate.door;

import org.jspecify.annotations.NullMarked;
