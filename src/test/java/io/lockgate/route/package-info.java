@NullMarked
package io.lockgate.route;

import org.jspecify.annotations.NullMarked;
