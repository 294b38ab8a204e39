@NullMarked
package io.lockgate.door.admin;

import org.jspecify.annotations.NullMarked;
