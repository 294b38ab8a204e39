/** The file registry of the files API: register, describe, resolve. */
@NullMarked
package io.lockgate.api.files.registry;

import org.jspecify.annotations.NullMarked;
