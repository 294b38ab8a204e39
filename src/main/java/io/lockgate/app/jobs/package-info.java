/** Periodic work: removes expired rows and watches the clocks. */
@NullMarked
package io.lockgate.app.jobs;

import org.jspecify.annotations.NullMarked;
