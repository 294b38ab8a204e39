@NullMarked
package io.lockgate.telemetry;

import org.jspecify.annotations.NullMarked;
