/** Producers: connect the domains with their adapters and APIs. Only this package knows more than one adapter. */
@NullMarked
package io.lockgate.app.wiring;

import org.jspecify.annotations.NullMarked;
