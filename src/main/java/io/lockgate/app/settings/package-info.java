/** Every setting with its type, default, bounds and effect. */
@NullMarked
package io.lockgate.app.settings;

import org.jspecify.annotations.NullMarked;
