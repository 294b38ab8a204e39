@NullMarked
package io.lockgate.door.courses;

import org.jspecify.annotations.NullMarked;
