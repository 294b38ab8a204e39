@NullMarked
package io.lockgate.api.admin;

import org.jspecify.annotations.NullMarked;
