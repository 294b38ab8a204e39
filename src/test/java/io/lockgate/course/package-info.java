@NullMarked
package io.lockgate.course;

import org.jspecify.annotations.NullMarked;
