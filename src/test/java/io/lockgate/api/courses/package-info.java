@NullMarked
package io.lockgate.api.courses;

import org.jspecify.annotations.NullMarked;
