@NullMarked
package io.lockgate.range.queue;

import org.jspecify.annotations.NullMarked;
