/** The file registry's rules, and the contract of its port. */
@NullMarked
package io.lockgate.file;

import org.jspecify.annotations.NullMarked;
