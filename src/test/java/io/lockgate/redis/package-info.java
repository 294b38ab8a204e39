@NullMarked
package io.lockgate.redis;

import org.jspecify.annotations.NullMarked;
